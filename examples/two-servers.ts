import { createClient } from '@frameport/client'
import { contract, event, procedure } from '@frameport/protocol'
import { createServer, implement, memoryEventBus, memoryEventLog } from '@frameport/server'
import { z } from 'zod'

const Room = z.object({ room: z.string() })

const chat = contract('chat', {
  version: 1,
  procedures: { say: procedure({ input: Room.extend({ text: z.string() }) }) },
  events: {
    line: event(z.string(), { topic: Room, subscribe: 'clients' }),
    typing: event(z.string(), { topic: Room, subscribe: 'clients' }),
  },
})

// The bus carries `typing`, which nobody has to get later. The log keeps `line`, in one order for all servers.
const eventBus = memoryEventBus()
const log = memoryEventLog()

function open() {
  return createServer(
    implement(chat).handlers({
      say: async ({ input: { room, text }, publish }) => {
        await publish(chat.events.typing, { room }, 'somebody')
        await publish(chat.events.line, { room }, text)
      },
    }),
    { authorizeSubscribe: () => true, eventBus, eventLogs: [{ log, events: [chat.events.line] }] },
  )
}

const servers = [open(), open()]
const [here, there] = await Promise.all(servers.map((server) => server.listen('tcp://127.0.0.1:0')))
if (here === undefined || there === undefined) throw new Error('a server does not listen')

const listening = createClient(chat, there.url)
const typing = new Promise<string>((resolve) => void listening.$on('typing', { room: 'lobby' }, resolve))
const said = new Promise<string>((resolve) => void listening.$on('line', { room: 'lobby' }, resolve))
// A second listener of a topic costs nothing: its promise says when the server has confirmed the subscription.
await listening.$on('typing', { room: 'lobby' }, () => undefined).subscribed
await listening.$on('line', { room: 'lobby' }, () => undefined).subscribed

const speaking = createClient(chat, here.url)
await speaking.say({ room: 'lobby', text: 'hello from the other server' })
console.log(`${await typing} is typing`)
console.log(await said)

await Promise.all([speaking.$close(), listening.$close()])
await Promise.all(servers.map((server) => server.close()))

//> somebody is typing
//> hello from the other server
