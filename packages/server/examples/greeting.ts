import { createClient } from '@frameport/client'
import { contract, procedure } from '@frameport/protocol'
import { createServer, implement } from '@frameport/server'
import { z } from 'zod'

const hello = contract('hello', {
  version: 1,
  procedures: { greet: procedure({ input: z.object({ name: z.string() }), output: z.string() }) },
})

// Five lines are a server:
const handlers = implement(hello).handlers({
  greet: ({ input }) => `Hello, ${input.name}!`,
})
const server = createServer(handlers)
const listener = await server.listen('tcp://127.0.0.1:0')

// Three are a client:
const client = createClient(hello, listener.url)
console.log(await client.greet({ name: 'Ada' }))
await client.$close()

await server.close({ graceMs: 1_000 })
console.log(`${server.connections.size} connections are left`)

//> Hello, Ada!
//> 0 connections are left
