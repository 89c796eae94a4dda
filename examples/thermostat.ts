import { createClient, safe } from '@frameport/client'
import { contract, event, procedure } from '@frameport/protocol'
import { createServer, implement } from '@frameport/server'
import { z } from 'zod'

// The contract: shared by both sides, needs neither.
const Room = z.object({ room: z.string() })
const Degrees = z.number().min(5).max(30)
const house = contract('house', {
  version: 1,
  procedures: {
    set: procedure({
      input: Room.extend({ degrees: Degrees }),
      output: z.object({ before: Degrees }),
      errors: { WINDOW_OPEN: Room },
    }),
    readings: procedure({ input: Room, items: Degrees }), // a server stream
  },
  events: { changed: event(z.object({ degrees: Degrees }), { topic: Room }) },
})
// Optional: with a name for its type, editors and the compiler show `House`. `implement(house)` works, too.
interface House extends Readonly<typeof house> {}

// The server: one function per procedure. A missing one, or a wrong output, does not compile.
const current = new Map([['kitchen', 18]])
const handlers = implement<House>(house).handlers({
  async set({ input, errors, connection, publish }) {
    if (input.room === 'garage') throw errors.WINDOW_OPEN({ room: input.room })
    const before = current.get(input.room) ?? 15
    current.set(input.room, input.degrees)
    // A handler subscribes its client to this event. `$on` below only listens.
    connection.subscribe(house.events.changed, { room: input.room })
    publish(house.events.changed, { room: input.room }, { degrees: input.degrees })
    return { before }
  },
  async *readings({ input }) {
    for (let reading = current.get(input.room) ?? 15; ; reading = Math.min(30, reading + 1)) yield reading
  },
})
const server = createServer(handlers)
const listener = await server.listen('tcp://127.0.0.1:0')

// The client: typed by the contract.
const client = createClient<House>(house, listener.url)
client.$on('changed', { room: 'kitchen' }, ({ degrees }) => console.log(`the kitchen is set to ${degrees}`))

const { before } = await client.set({ room: 'kitchen', degrees: 21 }, { deadlineMs: 5_000 })
console.log(`it was ${before}`)

for await (const reading of client.readings({ room: 'kitchen' })) {
  console.log(`reading ${reading}`)
  if (reading === 23) break // stops the endless generator on the server
}

const result = await safe(client.set({ room: 'garage', degrees: 21 }))
if (!result.ok && result.error.code === 'WINDOW_OPEN')
  console.log(`close the window of the ${result.error.data.room}`)

await client.$close()
await server.close()

//> the kitchen is set to 21
//> it was 18
//> reading 21
//> reading 22
//> reading 23
//> close the window of the garage
