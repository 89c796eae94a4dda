import { type Client, createClient } from '@frameport/client'
import { contract, event, procedure, RpcError } from '@frameport/protocol'
import { createServer, implement, type Server } from '@frameport/server'
import { z } from 'zod'
import { keepConnected } from './reconnecting/keep-connected.ts'

const weather = contract('weather', {
  version: 1,
  procedures: { now: procedure({ output: z.number() }) },
  events: { changed: event(z.number(), { subscribe: 'clients' }) },
})
let degrees = 20
const handlers = implement(weather).handlers({ now: () => degrees })

async function serve(url: string): Promise<{ readonly server: Server; readonly url: string }> {
  const server = createServer(handlers, {
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

/** For each new client: subscribe again, and then ask for what was missed. */
async function begin(client: Client<typeof weather>): Promise<void> {
  await client.$on('changed', show).subscribed
  show(await client.now({ deadlineMs: 5_000 }))
}

const first = await serve('tcp://127.0.0.1:0')
const stop = new AbortController()
let waits = 0
const connected = keepConnected({
  connect: () => createClient(weather, first.url, { auth: 'secret' }),
  onOpen: begin,
  onWait: () => waits++,
  signal: stop.signal,
  firstWaitMs: 20,
})
await shownTimes(1)
first.server.publish(weather.events.changed, 21)
await shownTimes(2)

// The server is replaced, and the weather changes while nobody is connected.
await first.server.close({ graceMs: 0 })
degrees = 25
const second = await serve(first.url)
await shownTimes(3)
second.server.publish(weather.events.changed, 26)
await shownTimes(4)
stop.abort()
await connected
console.log(`came back: ${waits > 0}`)

// No attempt is repeated that would fail again.
try {
  await keepConnected({
    connect: () => createClient(weather, second.url, { auth: 'a wrong key' }),
    onOpen: begin,
    signal: AbortSignal.timeout(10_000),
  })
} catch (error) {
  if (RpcError.is(error)) console.log(error.code)
}
await second.server.close()

//> 20 degrees
//> 21 degrees
//> 25 degrees
//> 26 degrees
//> came back: true
//> UNAUTHENTICATED
