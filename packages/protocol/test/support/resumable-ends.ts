import { expect } from 'vitest'
import type { Resumable } from './resumable.ts'
import { type Outcome, startCall } from './sessions.ts'

/** Ends everything, and checks that no timer, session or memory is left. */
export async function quiet(world: Resumable): Promise<void> {
  await Promise.all([world.client.close(), world.time.advance(60_000)])
  await Promise.all(world.servers.map(({ session }) => session.close({ graceMs: 0 })))
  await world.time.advance(60_000)
  expect(world.time.timers).toEqual([])
  expect(world.host.resumable.size).toBe(0)
  expect(world.client.stats().memory.totalBytes).toBe(0)
}

/** A call in flight, none of which has arrived when the connection is cut. */
export async function callOnItsWay(
  world: Resumable,
  options: Parameters<typeof startCall>[2] = {},
): Promise<Outcome> {
  const outcome = startCall(world.client, 'a/b', options)
  await world.time.settle()
  await world.cut()
  expect(world.server.recorder.calls).toEqual([])
  return outcome
}
