import { createClient } from '@frameport/client'
import { contract, event, procedure } from '@frameport/protocol'
import { createServer, implement } from '@frameport/server'
import { createMemoryPair, createVirtualClock } from '@frameport/testing'
import { expect, it } from 'vitest'
import { z } from 'zod'

const feed = contract('feed', {
  version: 1,
  procedures: { ping: procedure({}) },
  events: { tick: event(z.string(), { subscribe: 'clients' }) },
})

/** A subscriber without heartbeats, whose end of the connection is paused below it when so much of a burst of events has come. */
async function paused(inFrame: boolean, frameTimeoutMs: number) {
  const clock = createVirtualClock()
  const gone: (string | undefined)[] = []
  const server = createServer(implement(feed).handlers({ ping: () => undefined }), {
    environment: clock,
    authorizeSubscribe: () => true,
    log: false,
    onDisconnect: ({ reason }) => void gone.push(reason.code),
    limits: { slowSubscriberBytesMax: 20_000, slowSubscriberMs: 60_000, heartbeatIntervalMs: 0 },
  })
  const pair = createMemoryPair({
    clock,
    latencyMs: 1,
    windowBytes: 1_000,
    highWatermarkBytes: 2_000,
    lowWatermarkBytes: 500,
  })
  const client = createClient(feed, pair.a, {
    environment: clock,
    onEventGap: () => undefined,
    limits: { heartbeatIntervalMs: 0, frameTimeoutMs },
  })
  server.accept(pair.b)
  await clock.until(client.$on('tick', () => undefined).subscribed)
  await clock.advance(10)
  const publish = () => server.publish(feed.events.tick, 'x'.repeat(1_500))
  if (inFrame) {
    publish()
    await clock.advance(1)
  }
  pair.a.pause()
  for (let number = 0; number < 50; number += 1) publish()
  return { clock, client, server, pair, gone }
}

it.each([
  ['between two frames is judged by the events that wait for it', false, 30_000],
  ['inside a frame is so, too, where frameTimeoutMs is longer than the server waits', true, 600_000],
] as const)('a subscriber that stops to read %s', async (_, inFrame, frameTimeoutMs) => {
  const { clock, client, server, pair, gone } = await paused(inFrame, frameTimeoutMs)
  await clock.advance(50_000)
  expect([gone, client.$connection.state]).toEqual([[], 'open'])
  await clock.advance(30_000)
  expect(gone).toEqual(['LIMIT_EXCEEDED'])
  pair.a.resume()
  await clock.until(client.$connection.closed())
  await clock.until(server.close())
})

it('a subscriber that stops to read inside a frame cannot tell that from a network that does, and ends after frameTimeoutMs', async () => {
  const { clock, client, server, pair, gone } = await paused(true, 30_000)
  await clock.advance(29_000)
  expect(client.$connection.state).toBe('open')
  await clock.advance(1_500)
  pair.a.resume()
  expect(await clock.until(client.$connection.closed())).toMatchObject({ code: 'FRAME_TIMEOUT' })
  await clock.advance(5_000)
  expect(gone).toEqual(['FRAME_TIMEOUT'])
  await clock.until(server.close())
})
