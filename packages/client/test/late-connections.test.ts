import { type Connector, createClient, safe } from '@frameport/client'
import type { ByteStream, FrameChannel } from '@frameport/framing'
import { contract, procedure } from '@frameport/protocol'
import { assertQuiet, createMemoryChannels, createMemoryPair, createVirtualClock } from '@frameport/testing'
import { describe, expect, it } from 'vitest'

const tiny = contract('tiny', { version: 1, procedures: { ping: procedure({}) } })

/** A client whose connector resolves or rejects when the test says so. */
function connecting(clock = createVirtualClock()) {
  let give!: (connection: ByteStream | FrameChannel) => void
  let fail!: (error: Error) => void
  const signals: AbortSignal[] = []
  let aborts = 0
  const connector: Connector = {
    url: 'test:slow',
    connect({ signal }) {
      signals.push(signal)
      signal.addEventListener('abort', () => aborts++)
      return new Promise((resolve, reject) => {
        give = resolve
        fail = reject
      })
    },
  }
  const client = createClient(tiny, connector, { environment: clock, limits: { connectTimeoutMs: 300 } })
  return {
    clock,
    client,
    give: (connection: ByteStream | FrameChannel) => give(connection),
    fail: (error: Error) => fail(error),
    aborts: () => aborts,
    signals,
  }
}

/** The connection, and the names of its called methods, in order. */
function watched<Connection extends ByteStream | FrameChannel>(connection: Connection) {
  const calls: string[] = []
  const seen = new Proxy(connection, {
    get(target, name) {
      const member: unknown = Reflect.get(target, name, target)
      if (typeof member !== 'function') return member
      return (...args: unknown[]) => {
        calls.push(String(name))
        return member.apply(target, args) as unknown
      }
    },
  })
  return { seen, calls }
}

const kinds: readonly [string, () => ByteStream | FrameChannel][] = [
  ['a stream of bytes', () => createMemoryPair().a],
  ['a channel of frames', () => createMemoryChannels().a],
]

describe('a connection that arrives too late', () => {
  it.each(kinds)('after $close is aborted once, and not used otherwise: %s', async (_, open) => {
    const { clock, client, give, aborts } = connecting()
    const waiting = safe(client.ping())
    await clock.until(client.$close())
    const { seen, calls } = watched(open())
    give(seen)
    await clock.runUntilIdle()
    expect([calls, aborts()]).toEqual([['abort'], 1])
    expect((await waiting).error).toMatchObject({ code: 'UNAVAILABLE', maybeExecuted: false })
    expect(await client.$connection.closed()).toMatchObject({ code: 'CLOSED' })
    assertQuiet(clock)
  })

  it.each(kinds)('after connectTimeoutMs is aborted once, and not used otherwise: %s', async (_, open) => {
    const { clock, client, give, aborts } = connecting()
    expect(await clock.until(client.$connection.closed())).toMatchObject({ code: 'CONNECTION_LOST' })
    const { seen, calls } = watched(open())
    give(seen)
    await clock.runUntilIdle()
    expect([calls, aborts()]).toEqual([['abort'], 1])
    expect((await safe(client.ping())).error?.message).toContain('did not connect within 300 ms')
    assertQuiet(clock)
  })
})

it('a failure to connect after $close does not become the error of later calls', async () => {
  const { clock, client, fail } = connecting()
  await clock.until(client.$close())
  fail(new Error('nobody was there'))
  await clock.runUntilIdle()
  expect(await client.$connection.closed()).toMatchObject({ code: 'CLOSED' })
  const { error } = await clock.until(safe(client.ping()))
  expect(error?.code).toBe('UNAVAILABLE')
  expect(error?.message).not.toContain('Could not connect')
})

it('the signal of a connector is not aborted after it has connected, nor when its client is closed', async () => {
  const { clock, client, give, signals } = connecting()
  const { a, b } = createMemoryPair({ clock })
  give(a)
  await clock.settle()
  // The time limit of the attempt still runs, because it includes the handshake.
  expect(clock.timers.map(({ dueAtMs }) => dueAtMs)).toContain(400)
  b.start({ data: () => undefined, end: () => b.end(), drain: () => undefined, close: () => undefined })
  await clock.until(client.$close())
  await clock.runUntilIdle()
  expect(signals.map(({ aborted }) => aborted)).toEqual([false])
  expect(clock.timers).toEqual([])
})
