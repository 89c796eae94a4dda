import { createServer as createProbes } from 'node:http'
import { createClient } from '@frameport/client'
import { contract, procedure } from '@frameport/protocol'
import { createServer, implement } from '@frameport/server'
import { closeOnSignals } from '@frameport/server/node'
import { z } from 'zod'

const greeter = contract('greeter', { version: 1, procedures: { greet: procedure({ output: z.string() }) } })

const server = createServer(implement(greeter).handlers({ greet: () => 'hello' }), {
  maxConnectionAgeMs: 30 * 60_000, // so that clients come to servers that were started later
})
const listener = await server.listen('tcp://127.0.0.1:0') // tcp://0.0.0.0:5500 where it is deployed

const closing = closeOnSignals(server, {
  announceMs: 1_000, // 5,000 unless told: as long as a load balancer takes to notice
  onClosed: ({ signal }) => {
    console.log(`closed after ${signal}`)
    probes.close()
    probes.closeAllConnections()
  },
})

// Ready until a signal comes, alive until the process has ended.
const probes = createProbes(({ url }, response) => {
  const isReady = !closing.isClosing
  response.writeHead(url === '/live' || isReady ? 200 : 503).end()
}).listen(0, '127.0.0.1')
await new Promise((resolve) => probes.once('listening', resolve))

// What a supervisor, its probes and a client do.
const { port } = probes.address() as { port: number }
const probe = async (path: string) => `${path} ${(await fetch(`http://127.0.0.1:${port}${path}`)).status}`
console.log(await probe('/ready'), await probe('/live'))
process.kill(process.pid, 'SIGTERM')
while (!closing.isClosing) await new Promise((resolve) => setImmediate(resolve))
console.log(await probe('/ready'), await probe('/live'))
const late = createClient(greeter, listener.url) // from a load balancer that has not noticed
console.log(await late.greet())
await late.$close()

//> /ready 200 /live 200
//> /ready 503 /live 200
//> hello
//> closed after SIGTERM
