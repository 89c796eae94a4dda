import { type Client, createClient } from '@frameport/client'
import { contract, procedure } from '@frameport/protocol'
import { createServer, implement } from '@frameport/server'
import { z } from 'zod'

const clock = contract('clock', {
  version: 1,
  procedures: { now: procedure({ output: z.object({ ms: z.number() }) }) },
})
// A name for the type of the contract: editors and messages of the compiler show it instead of all procedures.
interface Clock extends Readonly<typeof clock> {}

const handlers = implement<Clock>(clock).handlers({ now: () => ({ ms: 0 }) }) // Implementation<…, Clock>
const server = createServer(handlers)
const listener = await server.listen('tcp://127.0.0.1:0')

const client = createClient<Clock>(clock, listener.url) // Client<Clock>
const show = async (anyClient: Client<Clock>) => console.log((await anyClient.now()).ms)
await show(client)

await client.$close()
await server.close()

//> 0
