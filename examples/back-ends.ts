import { createClient } from '@frameport/client'
import { contract, procedure } from '@frameport/protocol'
import { createServer, implement } from '@frameport/server'
import { z } from 'zod'

const greeter = contract('greeter', {
  version: 1,
  procedures: { greet: procedure({ input: z.string(), output: z.string() }) },
})
const handlers = implement(greeter).handlers({ greet: ({ input }) => `hello ${input}` })

// Without `backend` the server takes the best back end that works here.
const server = createServer(handlers, { backend: 'net' })
const listener = await server.listen('tcp://127.0.0.1:0')
console.log(listener.backend)
const client = createClient(greeter, listener.url) // each side chooses for itself
console.log(await client.greet('Ada'))
await client.$close()
await server.close()

// A back end that is asked for by name is that one or an error.
const otherSystem = process.platform === 'win32' ? 'io_uring' : 'iocp'
try {
  await createServer(handlers, { backend: otherSystem }).listen('tcp://127.0.0.1:0')
} catch (error) {
  if (error instanceof Error && 'code' in error) console.log(error.code)
}

//> net
//> hello Ada
//> BACKEND_UNAVAILABLE
