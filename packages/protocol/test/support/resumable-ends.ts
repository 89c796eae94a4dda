import { expect } from 'vitest'
import type { Resumable } from './resumable.ts'
import { type Outcome, startCall } from './sessions.ts'

/** Ends what is left, and looks whether anything is. */
export async function quiet(world: Resumable): Promise<void> {
  await Promise.all([world.client.close(), world.time.advance(60_000)])
  await Promise.all(world.servers.map(({ session }) => session.close({ graceMs: 0 })))
  await world.time.advance(60_000)
  expect(world.time.timers).toEqual([])
  expect(world.host.resumable.size).toBe(0)
  expect(world.client.stats().memory.totalBytes).toBe(0)
}

/** A call that was sent and has not come when the connection is cut: all of it is on its way. */
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
