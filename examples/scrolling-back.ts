import { createClient } from '@frameport/client'
import { contract, event, procedure } from '@frameport/protocol'
import { createServer, implement, type LogPosition, memoryEventLog, readHistory } from '@frameport/server'
import { z } from 'zod'

const Room = z.object({ room: z.string() })

const chat = contract('chat', {
  version: 1,
  procedures: {
    // A number of 0: nothing is older.
    older: procedure({
      input: Room.extend({ thanNumber: z.int().optional() }),
      output: z.object({ lines: z.array(z.string()), number: z.int() }),
    }),
  },
  events: { line: event(z.string(), { topic: Room, subscribe: 'clients' }) },
})

const log = memoryEventLog()
/** Clients hold the number of a position, and the server the log that it belongs to. */
let logId: Uint8Array = new Uint8Array(1)

const server = createServer(
  implement(chat).handlers({
    async older({ input: { room, thanNumber: number } }) {
      const before: LogPosition | undefined = number === undefined ? undefined : { log: logId, number }
      const page = await readHistory(log, chat.events.line, { room }, { before, eventsMax: 2 })
      logId = page.start?.log ?? logId
      return { lines: page.events.map(({ payload }) => payload), number: page.start?.number ?? 0 }
    },
  }),
  { authorizeSubscribe: () => true, eventLogs: [{ log, events: [chat.events.line] }] },
)
const listener = await server.listen('tcp://127.0.0.1:0')

// Somebody speaks before the client comes.
for (const text of ['one', 'two', 'three']) await server.publish(chat.events.line, { room: 'lobby' }, text)

const client = createClient(chat, listener.url)
const newest = await client.older({ room: 'lobby' })
console.log(newest.lines.join(', '))
const older = await client.older({ room: 'lobby', thanNumber: newest.number })
console.log(older.lines.join(', '))

await client.$close()
await server.close()

//> two, three
//> one
