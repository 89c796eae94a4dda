import assert from 'node:assert/strict'
import { createClient, type TopicGap } from '@frameport/client'
import { contract, event, procedure } from '@frameport/protocol'
import { createServer, implement } from '@frameport/server'
import { assertQuiet, createMemoryPair, createVirtualClock } from '@frameport/testing'
import { z } from 'zod'

const feed = contract('feed', {
  version: 1,
  procedures: { ping: procedure({}) },
  events: { tick: event(z.object({ number: z.number(), text: z.string() }), { subscribe: 'clients' }) },
})

const clock = createVirtualClock()
const server = createServer(implement(feed).handlers({ ping: () => undefined }), {
  environment: clock,
  authorizeSubscribe: () => true,
  log: false,
  // Short events fill it soon. Heartbeats are off: the test lets time pass while the client reads nothing.
  limits: { slowSubscriberBytesMax: 20_000, slowSubscriberMs: 5_000, heartbeatIntervalMs: 0 },
})

/** A client with small buffers between it and the server, so that events wait at the server and not on the way. */
async function connect() {
  const pair = createMemoryPair({
    clock,
    windowBytes: 1_000,
    highWatermarkBytes: 2_000,
    lowWatermarkBytes: 500,
  })
  const numbers: number[] = []
  const gaps: TopicGap[] = []
  const client = createClient(feed, pair.a, {
    environment: clock,
    limits: { heartbeatIntervalMs: 0 },
    onEventGap: (gap) => gaps.push(gap),
  })
  server.accept(pair.b)
  await clock.until(client.$on('tick', ({ number }) => numbers.push(number)).subscribed)
  // Between the two the client reads nothing, as one whose loop stands still.
  return { client, numbers, gaps, pause: () => pair.a.pause(), resume: () => pair.a.resume() }
}
const publish = (number: number) => server.publish(feed.events.tick, { number, text: 'x'.repeat(500) })

// It comes back in time: what was left out is one gap, behind what waited.
{
  const { client, numbers, gaps, pause, resume } = await connect()
  pause()
  for (let number = 0; number < 100; number++) publish(number)
  const { leftOut, bytesWaiting } = server.stats().events
  assert.ok(leftOut > 0 && bytesWaiting <= 20_000)
  resume()
  await clock.advance(100)
  assert.equal(numbers.length, 100 - leftOut)
  console.log(gaps.length, gaps[0]?.event, gaps[0]?.events === leftOut)
  await clock.until(client.$close())
}

// It does not: the server disconnects it, and says why.
{
  const { client, pause, resume } = await connect()
  pause()
  for (let number = 0; number < 100; number++) publish(number)
  await clock.advance(5_500)
  resume()
  const { code } = await clock.until(client.$connection.closed())
  console.log(code, server.stats().events.slowSubscribers)
}
await clock.until(server.close())
assertQuiet(clock)

//> 1 feed/tick true
//> LIMIT_EXCEEDED 1
