import { createClient } from '@frameport/client'
import { contract, event, procedure, RpcError } from '@frameport/protocol'
import { createServer, implement } from '@frameport/server'
import { z } from 'zod'

const Room = z.object({ room: z.string() })
const heating = contract('heating', {
  version: 1,
  procedures: { set: procedure({ input: Room.extend({ degrees: z.number() }) }) },
  events: {
    // Clients subscribe to it. `topic` says which of the events a subscriber gets.
    changed: event(z.object({ degrees: z.number() }), { topic: Room, subscribe: 'clients' }),
  },
})

const server = createServer(
  implement(heating).handlers({
    set({ input: { room, degrees }, publish }) {
      publish(heating.events.changed, { room }, { degrees })
    },
  }),
  {
    // Required for events with `subscribe: 'clients'`: it decides about each subscription.
    authorizeSubscribe: ({ topic }) => (topic as z.output<typeof Room>).room !== 'safe',
  },
)
const { url } = await server.listen('tcp://127.0.0.1:0')
const client = createClient(heating, url, {
  onSubscribeFailed: () => undefined, // without it the first failure goes to the console
})

let showed: () => void = () => undefined
const shown = new Promise<void>((resolve) => {
  showed = resolve
})
const stop = client.$on('changed', { room: 'kitchen' }, ({ degrees }) => {
  console.log(`the kitchen: ${degrees} degrees`)
  showed()
})
await stop.subscribed // from here on no event is missed

await client.set({ room: 'bath', degrees: 24 }) // another topic: this client does not get it
await client.set({ room: 'kitchen', degrees: 21 })
await shown
stop() // the last listener of a topic is gone: the client unsubscribes

try {
  await client.$on('changed', { room: 'safe' }, () => undefined).subscribed
} catch (error) {
  if (RpcError.is(error)) console.log(error.code)
}

await client.$close()
await server.close()

//> the kitchen: 21 degrees
//> PERMISSION_DENIED
