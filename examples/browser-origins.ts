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
const server = createServer(implement(greeter).handlers({ greet: ({ input }) => `hello ${input}` }))
const listener = await server.listen(
  ws('ws://127.0.0.1:0/frameport', { origins: ['https://app.example.com'] }),
)

// In a page this is createClient(greeter, 'wss://api.example.com/frameport'). Node.js 20 has no WebSocket of its own.
const client = createClient(greeter, listener.url, { WebSocket })
console.log(await client.greet('page'))
await client.$close()

// A browser sends the origin of the page. The server refuses pages that `origins` does not name.
const stranger = new WebSocket(listener.url, 'frameport.1', { origin: 'https://evil.example' })
stranger.on('error', ({ message }) => console.log(message))
await new Promise((resolve) => stranger.on('close', resolve))
await server.close()

//> hello page
//> Unexpected server response: 403
