import { createClient } from '@frameport/client'
import { contract, event, procedure } from '@frameport/protocol'
import { createServer, implement, memoryEventLog } from '@frameport/server'
import { z } from 'zod'

const Room = z.object({ room: z.string() })

const chat = contract('chat', {
  version: 1,
  procedures: { say: procedure({ input: Room.extend({ text: z.string() }) }) },
  events: { line: event(z.string(), { topic: Room, subscribe: 'clients' }) },
})

const server = createServer(
  implement(chat).handlers({
    say: ({ input: { room, text }, publish }) => void publish(chat.events.line, { room }, text),
  }),
  {
    authorizeSubscribe: () => true,
    // A quarter of an hour of a busy room: who is away for longer is told of a gap.
    eventLogs: [{ log: memoryEventLog({ limits: { topicEventsMax: 5_000 } }), events: [chat.events.line] }],
  },
)
const listener = await server.listen('tcp://127.0.0.1:0')

const client = createClient(chat, listener.url, {
  onEventGap: ({ topic, events }) =>
    console.log(`${events === 0 ? 'some' : events} lines of ${JSON.stringify(topic)} are lost`),
})
let heardAll: () => void = () => undefined
const heard = new Promise<void>((resolve) => {
  heardAll = resolve
})
const listening = client.$on('line', { room: 'lobby' }, (text) => {
  console.log(text)
  if (text === 'bye') heardAll()
})
await listening.subscribed
await client.say({ room: 'lobby', text: 'hello' })
await client.say({ room: 'lobby', text: 'bye' })
await heard

await client.$close()
await server.close()

//> hello
//> bye
