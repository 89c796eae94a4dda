import type { ClientConnection } from '@frameport/client'
import { RpcError, type SessionCloseReason } from '@frameport/protocol'
import { describe, expect, it } from 'vitest'
import { keepConnected } from '../../../examples/reconnecting/keep-connected.ts'

/** What one attempt comes to. */
interface Attempt {
  /** Why there is no connection. Absent: there is one. */
  readonly failure?: RpcError
  readonly reason?: Partial<SessionCloseReason>
  readonly lastsMs?: number
}

/** Time passes only while a connection lasts and while it is waited. After the last attempt it is told to stop. */
function rehearse(attempts: readonly Attempt[], random: () => number = () => 1) {
  let nowMs = 0
  let made = 0
  const waitsMs: number[] = []
  const opened: number[] = []
  const stop = new AbortController()

  function connect() {
    const attempt = attempts[made] ?? {}
    made += 1
    const number = made
    const $connection: ClientConnection = {
      state: 'open',
      remoteEndpoint: 'memory:',
      async opened() {
        if (attempt.failure !== undefined) throw attempt.failure
      },
      async closed() {
        nowMs += attempt.lastsMs ?? 0
        return { code: 'CONNECTION_LOST', message: 'cut', ...attempt.reason }
      },
      stats() {
        throw new Error('nobody asks')
      },
      differences: async () => [],
    }
    return { $connection, $close: async () => undefined, number }
  }

  const ended = keepConnected({
    connect,
    onOpen: ({ number }) => void opened.push(number),
    signal: stop.signal,
    time: {
      nowMs: () => nowMs,
      random,
      async wait(ms) {
        waitsMs.push(ms)
        nowMs += ms
        if (made === attempts.length) stop.abort()
      },
    },
  })
  return { ended, waitsMs, opened, made: () => made }
}

const nobodyThere = new RpcError('UNAVAILABLE', 'nobody is there')

describe('keepConnected', () => {
  it('doubles the bound of its waits up to 30 s', async () => {
    const { ended, waitsMs } = rehearse(Array.from({ length: 10 }, () => ({ failure: nobodyThere })))
    await ended
    expect(waitsMs).toEqual([200, 400, 800, 1_600, 3_200, 6_400, 12_800, 25_600, 30_000, 30_000])
  })

  it('waits for any part of the bound, from nothing on', async () => {
    const parts = [0, 0.5, 0.25]
    const attempts = parts.map(() => ({ failure: nobodyThere }))
    const { ended, waitsMs } = rehearse(attempts, () => parts.shift() ?? 0)
    await ended
    expect(waitsMs).toEqual([0, 200, 200])
  })

  it('begins anew after a connection that lasted, and not after one that was cut at once', async () => {
    const { ended, waitsMs, opened } = rehearse([
      { lastsMs: 10 },
      { lastsMs: 10 },
      { lastsMs: 10_000 },
      { failure: nobodyThere },
    ])
    await ended
    expect(waitsMs).toEqual([200, 400, 200, 400])
    expect(opened).toEqual([1, 2, 3])
  })

  it('never comes back before the time that the server asked for', async () => {
    const busy = new RpcError('RESOURCE_EXHAUSTED', 'too many', { retryAfterMs: 5_000 })
    const { ended, waitsMs } = rehearse(
      [{ failure: busy }, { reason: { code: 'OVERLOADED', retryAfterMs: 7_000 } }],
      () => 0,
    )
    await ended
    expect(waitsMs).toEqual([5_000, 7_000])
  })

  it.each(['UNAUTHENTICATED', 'PERMISSION_DENIED', 'UNIMPLEMENTED'] as const)(
    'gives up at %s',
    async (code) => {
      const failure = new RpcError(code, 'no')
      const { ended, waitsMs, made } = rehearse([{ failure }, {}])
      await expect(ended).rejects.toBe(failure)
      expect([waitsMs, made()]).toEqual([[], 1])
    },
  )

  it('gives up where another program answers', async () => {
    const { ended, waitsMs } = rehearse([{ failure: nobodyThere, reason: { code: 'NOT_FRAMEPORT' } }, {}])
    await expect(ended).rejects.toBe(nobodyThere)
    expect(waitsMs).toEqual([])
  })

  it('does not connect when it was stopped before', async () => {
    const connect = () => {
      throw new Error('connects')
    }
    await keepConnected({ connect, onOpen: () => undefined, signal: AbortSignal.abort() })
  })
})
