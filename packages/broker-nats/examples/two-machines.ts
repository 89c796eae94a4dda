import { connectNats } from '@frameport/broker-nats'
import { createClient } from '@frameport/client'
import { contract, event, procedure } from '@frameport/protocol'
import { createServer, implement } from '@frameport/server'
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

// Each server does this on its own machine. The bus carries `typing`, which is not needed later. The log keeps `line`, in one order for all servers.
async function open() {
  const nats = await connectNats({ servers: process.env.NATS_URL })
  const log = await nats.log({ limits: { ageMs: 24 * 60 * 60 * 1000 } })
  const server = createServer(
    implement(chat).handlers({
      say: async ({ input: { room, text }, publish }) => {
        await publish(chat.events.typing, { room }, 'somebody')
        await publish(chat.events.line, { room }, text)
      },
    }),
    { authorizeSubscribe: () => true, eventBus: nats.bus, eventLogs: [{ log, events: [chat.events.line] }] },
  )
  const { url } = await server.listen('tcp://127.0.0.1:0')
  return {
    url,
    async close() {
      await server.close()
      await nats.close()
    },
  }
}

const [here, there] = [await open(), await open()]

const listening = createClient(chat, there.url)
const typing = new Promise<string>((resolve) => void listening.$on('typing', { room: 'lobby' }, resolve))
const said = new Promise<string>((resolve) => void listening.$on('line', { room: 'lobby' }, resolve))
// A second listener of a topic costs nothing. Its promise resolves when the server has confirmed the subscription.
await listening.$on('typing', { room: 'lobby' }, () => undefined).subscribed
await listening.$on('line', { room: 'lobby' }, () => undefined).subscribed

const speaking = createClient(chat, here.url)
await speaking.say({ room: 'lobby', text: 'hello from the other server' })
// The bus and the log are independent: either event can arrive first.
console.log(`${await typing} is typing`)
console.log(await said)

await Promise.all([speaking.$close(), listening.$close()])
await Promise.all([here.close(), there.close()])

//> somebody is typing
//> hello from the other server
