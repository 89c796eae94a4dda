import type { ByteStream } from '@frameport/framing'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  assertQuiet,
  createMemoryPair,
  createVirtualClock,
  type MemoryPair,
  TestingError,
} from '../src/index.ts'
import { concat, patterned, record } from './recorder.ts'

const clock = createVirtualClock()

function expectAccounted(pair: MemoryPair): void {
  for (const end of [pair.a, pair.b]) {
    const { acceptedBytes, deliveredBytes, queuedBytes, onWayBytes, droppedBytes } = end.counters
    expect(deliveredBytes + queuedBytes + onWayBytes + droppedBytes).toBe(acceptedBytes)
  }
}

describe('delivery', () => {
  it('keeps order in both directions and never calls a sink from inside send', async () => {
    const pair = createMemoryPair()
    const a = record(pair.a)
    const b = record(pair.b)
    expect(pair.a.send(Uint8Array.of(1, 2))).toBe('sent')
    expect(pair.a.send([Uint8Array.of(3), Uint8Array.of(4, 5)])).toBe('sent')
    expect(pair.b.send(Uint8Array.of(9))).toBe('sent')
    expect([...a.events, ...b.events]).toEqual([])
    await clock.settle()
    expect(b.events).toEqual(['data 2', 'data 3'])
    expect(concat(b.chunks)).toEqual(Uint8Array.of(1, 2, 3, 4, 5))
    expect(concat(a.chunks)).toEqual(Uint8Array.of(9))
    expectAccounted(pair)
  })

  it('copies on send: the caller may reuse its bytes at once', async () => {
    const pair = createMemoryPair()
    const b = record(pair.b)
    const bytes = Uint8Array.of(1, 2, 3)
    pair.a.send(bytes)
    bytes.fill(0)
    await clock.settle()
    expect(concat(b.chunks)).toEqual(Uint8Array.of(1, 2, 3))
  })

  it('overwrites a lent chunk after the callback, and lends it at an offset', async () => {
    const pair = createMemoryPair()
    let kept = new Uint8Array()
    record(pair.b, (chunk) => {
      kept = chunk as Uint8Array<ArrayBuffer>
    })
    pair.a.send(Uint8Array.of(1, 2, 3))
    await clock.settle()
    expect([...kept]).toEqual([0xdd, 0xdd, 0xdd])
    expect(kept.byteOffset).toBeGreaterThan(0)
  })

  it('holds what arrives before start', async () => {
    const pair = createMemoryPair()
    pair.a.send(Uint8Array.of(7))
    pair.a.end()
    await clock.settle()
    const b = record(pair.b)
    expect(b.events).toEqual([])
    await clock.settle()
    expect(b.events).toEqual(['data 1', 'end'])
  })

  it('takes an empty send and delivers nothing for it', async () => {
    const pair = createMemoryPair()
    const b = record(pair.b)
    expect(pair.a.send(new Uint8Array())).toBe('sent')
    expect(pair.a.send([])).toBe('sent')
    await clock.settle()
    expect(b.events).toEqual([])
  })

  it('refuses a second start', () => {
    const pair = createMemoryPair()
    record(pair.a)
    expect(() => record(pair.a)).toThrowError(expect.objectContaining({ code: 'ALREADY_STARTED' }))
  })
})

describe('chunking', () => {
  it.each([
    ['as-sent', ['data 3', 'data 4']],
    ['merged', ['data 7']],
    [{ bytes: 2 }, ['data 2', 'data 2', 'data 2', 'data 1']],
    [{ bytes: 1 }, Array.from({ length: 7 }, () => 'data 1')],
  ] as const)('%j cuts as it says', async (chunking, events) => {
    const pair = createMemoryPair({ chunking })
    const b = record(pair.b)
    pair.a.send(patterned(3))
    pair.a.send(patterned(4))
    await clock.settle()
    expect(b.events).toEqual(events)
  })

  it('by seed cuts the same way each time, and differently for another seed', async () => {
    const cuts = async (seed: number) => {
      const pair = createMemoryPair({ chunking: { bytesMax: 16, seed } })
      const b = record(pair.b)
      pair.a.send(patterned(400))
      await clock.settle()
      return b.events.join()
    }
    expect(await cuts(5)).toBe(await cuts(5))
    expect(await cuts(5)).not.toBe(await cuts(6))
  })

  it('loses and reorders nothing, whatever the cuts, window and latency', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: 0, max: 300 }), { maxLength: 20 }),
        fc.integer({ min: 1, max: 64 }),
        fc.integer({ min: 1, max: 400 }),
        fc.integer({ min: 0, max: 2 }),
        async (sizes, bytesMax, windowBytes, latencyMs) => {
          const time = createVirtualClock()
          const pair = createMemoryPair({
            clock: time,
            latencyMs,
            windowBytes,
            chunking: { bytesMax, seed: bytesMax },
          })
          const b = record(pair.b)
          record(pair.a)
          const sent = sizes.map((size, index) => patterned(size).map((byte) => byte ^ index))
          for (const bytes of sent) pair.a.send(bytes)
          pair.a.end()
          pair.b.end()
          await time.runUntilIdle()
          expect(concat(b.chunks)).toEqual(concat(sent))
          expect(b.events.slice(-2)).toEqual(['end', 'close'])
          expectAccounted(pair)
          assertQuiet(time, pair)
        },
      ),
      { numRuns: 60 },
    )
  })
})

describe('back-pressure', () => {
  const small = { windowBytes: 10, highWatermarkBytes: 20, lowWatermarkBytes: 5 }

  it('gives the verdicts at, and one over, the window and the watermark', () => {
    const pair = createMemoryPair(small)
    expect(pair.a.send(patterned(10))).toBe('sent')
    expect(pair.a.send(patterned(20))).toBe('queued')
    expect(pair.a.queuedBytes).toBe(20)
    expect(pair.a.send(patterned(1))).toBe('full')
    expect(pair.a.queuedBytes).toBe(21)
  })

  it('drains once, after the queue has fallen to the low watermark', async () => {
    const pair = createMemoryPair(small)
    const a = record(pair.a)
    expect(pair.a.send(patterned(100))).toBe('full')
    let drained = false
    void pair.a.drained().then(() => {
      drained = true
    })
    await clock.settle()
    expect([a.events, drained]).toEqual([[], false])
    const b = record(pair.b)
    await clock.settle()
    expect([a.events, drained]).toEqual([['drain'], true])
    expect(concat(b.chunks)).toEqual(patterned(100))
    await pair.a.drained()
  })

  it('a paused receiver fills the window and then the queue; resume moves everything', async () => {
    const pair = createMemoryPair(small)
    const b = record(pair.b, () => pair.b.pause())
    pair.a.send(patterned(10))
    await clock.settle()
    pair.a.send(patterned(10))
    pair.a.send(patterned(10))
    pair.a.end()
    await clock.settle()
    expect(b.events).toEqual(['data 10'])
    expect(pair.a.queuedBytes).toBe(10)
    while (!b.events.includes('end')) {
      pair.b.resume()
      await clock.settle()
    }
    expect(concat(b.chunks)).toEqual(concat([patterned(10), patterned(10), patterned(10)]))
  })
})

describe('the end', () => {
  it('half-closes: the other direction goes on, and both ends close without error', async () => {
    const pair = createMemoryPair()
    const a = record(pair.a)
    const b = record(pair.b)
    pair.a.end()
    pair.a.end()
    expect(pair.a.send(patterned(1))).toBe('closed')
    await clock.settle()
    expect(b.events).toEqual(['end'])
    expect(pair.b.send(patterned(2))).toBe('sent')
    pair.b.end()
    await clock.settle()
    expect(a.events).toEqual(['data 2', 'end', 'close'])
    expect(b.events).toEqual(['end', 'close'])
    expect([a.closeError, b.closeError]).toEqual([undefined, undefined])
    assertQuiet(pair)
  })

  it('abort closes with its own error, resets the peer, loses what was under way and frees waiters', async () => {
    const pair = createMemoryPair({ windowBytes: 4, highWatermarkBytes: 8, lowWatermarkBytes: 1 })
    const a = record(pair.a)
    const b = record(pair.b, () => pair.b.pause())
    pair.a.send(patterned(4))
    await clock.settle()
    expect(pair.a.send(patterned(50))).toBe('full')
    const waiting = pair.a.drained()
    const reason = new Error('enough')
    pair.a.abort(reason)
    pair.a.abort(new Error('a later reason'))
    expect(pair.a.send(patterned(1))).toBe('closed')
    await waiting
    await clock.settle()
    expect(a.events).toEqual(['close'])
    expect(a.closeError).toBe(reason)
    expect(b.events).toEqual(['data 4', 'close'])
    expect(TestingError.is(b.closeError) && b.closeError.code).toBe('CONNECTION_RESET')
    expect(pair.a.counters.droppedBytes).toBe(50)
    expectAccounted(pair)
    assertQuiet(pair)
  })

  it('tells a sink that starts after the abort', async () => {
    const pair = createMemoryPair()
    pair.a.abort()
    await clock.settle()
    const b = record(pair.b)
    await clock.settle()
    expect(b.events).toEqual(['close'])
  })

  it('a reset takes the latency, and what was sent to the dead end meanwhile is dropped', async () => {
    const time = createVirtualClock()
    const pair = createMemoryPair({ clock: time, latencyMs: 50 })
    record(pair.a)
    const b = record(pair.b)
    pair.a.abort()
    await time.advance(49)
    expect(pair.b.send(patterned(3))).toBe('sent')
    expect(b.events).toEqual([])
    await time.advance(1)
    expect(b.events).toEqual(['close'])
    expectAccounted(pair)
    assertQuiet(time, pair)
  })

  it('an end that closes in order before the reset has come leaves nothing on the way to the dead end', async () => {
    const time = createVirtualClock()
    const pair = createMemoryPair({ clock: time, latencyMs: 50 })
    record(pair.a)
    const b = record(pair.b)
    pair.a.end()
    await time.advance(50)
    expect(b.events).toEqual(['end'])
    pair.a.abort()
    pair.b.send(patterned(3))
    pair.b.end()
    await time.advance(50)
    expect(b.events).toEqual(['end', 'close'])
    expect(b.closeError).toBeUndefined()
    expect(pair.b.counters.droppedBytes).toBe(3)
    expectAccounted(pair)
    assertQuiet(time, pair)
  })
})

it('latency delays by exactly its length and costs no real time', async () => {
  const time = createVirtualClock()
  const pair = createMemoryPair({ clock: time, latencyMs: 5_000 })
  const b = record(pair.b)
  pair.a.send(patterned(1))
  await time.advance(4_999)
  expect(b.events).toEqual([])
  await time.advance(1)
  expect(b.events).toEqual(['data 1'])
})

it.each([
  [{ latencyMs: 1 }],
  [{ latencyMs: -1 }],
  [{ windowBytes: 0 }],
  [{ windowBytes: 1.5 }],
  [{ chunking: { bytes: 0 } }],
  [{ chunking: { bytesMax: 0, seed: 1 } }],
  [{ highWatermarkBytes: 1, lowWatermarkBytes: 2 }],
] as const)('refuses the options %j', (options) => {
  expect(() => createMemoryPair(options)).toThrowError(expect.objectContaining({ code: 'INVALID_OPTION' }))
})

it('an end of a pair is a ByteStream', () => {
  const stream: ByteStream = createMemoryPair().a
  expect(stream.queuedBytes).toBe(0)
})

it('assertQuiet lists what is left', async () => {
  const time = createVirtualClock()
  const pair = createMemoryPair({ clock: time, latencyMs: 1 })
  pair.a.send(patterned(3))
  time.setTimer(20, function heartbeat() {})
  expect(() => assertQuiet(time, pair)).toThrowError(
    /networkLatency, due at 1 ms.*heartbeat, due at 20 ms.*end a of a pair is open.*3 on the way/,
  )
  expect(() => assertQuiet({ leftOvers: () => [] })).not.toThrow()
})
