import { createClient } from '@frameport/client'
import { contract, event, procedure, RpcError } from '@frameport/protocol'
import { createServer, implement, type Server } from '@frameport/server'
import { z } from 'zod'

const weather = contract('weather', {
  version: 1,
  procedures: { now: procedure({ output: z.number() }) },
  events: { changed: event(z.number(), { subscribe: 'clients' }) },
})
let degrees = 20
const handlers = implement(weather).handlers({ now: () => degrees })

async function serve(url: string): Promise<{ readonly server: Server; readonly url: string }> {
  const server = createServer(handlers, {
    log: false, // it would warn of the client that it refuses below
    authorizeSubscribe: () => true,
    context({ hello }) {
      if (hello.auth !== 'secret') throw new RpcError('UNAUTHENTICATED', 'Nobody has this key.')
      return {}
    },
  })
  return { server, url: (await server.listen(url)).url }
}

/** Settles when `count` values have been shown. */
const shown = { count: 0, wake: () => {} }
function show(value: number): void {
  console.log(`${value} degrees`)
  shown.count += 1
  shown.wake()
}
const shownTimes = (count: number) =>
  new Promise<void>((resolve) => {
    shown.wake = () => shown.count >= count && resolve()
    shown.wake()
  })

let key = 'secret'
const first = await serve('tcp://127.0.0.1:0')
const client = createClient(weather, first.url, {
  auth: () => key, // asked for before each attempt
  reconnect: { delayMs: 20 },
  onEventGap: () => {}, // told, too, when a new session begins: onSession asks for what was missed
  async onSession({ isFirst, resumed }) {
    if (isFirst || resumed) return // nothing was missed
    console.log('a new session')
    show(await client.now({ deadlineMs: 5_000 }))
  },
})
await client.$on('changed', show).subscribed
first.server.publish(weather.events.changed, 21)
await shownTimes(1)

// The server is replaced, and the weather changes while nobody is connected.
await first.server.close({ graceMs: 0 })
degrees = 25
const second = await serve(first.url)
await shownTimes(2)
// The client has subscribed again.
second.server.publish(weather.events.changed, 26)
await shownTimes(3)

// What would fail again is not tried again.
key = 'a wrong key'
await second.server.close({ graceMs: 0 })
const third = await serve(first.url)
const { cause } = await client.$connection.closed()
if (RpcError.is(cause)) console.log(cause.code)
await third.server.close()

//> 21 degrees
//> a new session
//> 25 degrees
//> 26 degrees
//> UNAUTHENTICATED
