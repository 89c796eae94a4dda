import { createServer as createHttpServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createClient } from '@frameport/client'
import { contract, procedure } from '@frameport/protocol'
import { createServer, implement } from '@frameport/server'
import { ws } from '@frameport/server/ws'
import { WebSocket } from 'ws'
import { z } from 'zod'

const greeter = contract('greeter', {
  version: 1,
  procedures: { greet: procedure({ input: z.string(), output: z.string() }) },
})

// A server of pages, as one has it. WebSockets come to the path /frameport of it.
const http = createHttpServer((_request, response) => response.end('<h1>a page</h1>'))
await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve))
const { port } = http.address() as AddressInfo

const server = createServer(
  implement(greeter).handlers({
    greet: ({ input, connection }) => `hello ${input} (${connection.remoteEndpoint.split(':')[0]})`,
  }),
)
await server.listen(ws({ server: http, path: '/frameport' }))
// The same server takes clients over TCP, too.
const listener = await server.listen('tcp://127.0.0.1:0')

// In a page: createClient(greeter, ws('/frameport')), with ws of @frameport/client/ws. Node.js 20 has no WebSocket of its own.
const inAPage = createClient(greeter, `ws://127.0.0.1:${port}/frameport`, { WebSocket })
const inATerminal = createClient(greeter, listener.url)
console.log(await inAPage.greet('page'))
console.log(await inATerminal.greet('terminal'))

await Promise.all([inAPage.$close(), inATerminal.$close()])
await server.close()
http.close()

//> hello page (ws)
//> hello terminal (tcp)
