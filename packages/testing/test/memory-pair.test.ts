import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { assertQuiet, createMemoryPair, createVirtualClock } from '../src/index.ts'
import { concat, patterned, record } from './recorder.ts'
import { expectAccounted } from './stream-rules/kinds.ts'

const clock = createVirtualClock()

describe('chunking', () => {
  it.each([
    ['as-sent', ['data 3', 'data 4']],
    ['merged', ['data 7']],
    [{ bytes: 2 }, ['data 2', 'data 2', 'data 2', 'data 1']],
    [{ bytes: 1 }, Array.from({ length: 7 }, () => 'data 1')],
  ] as const)('%j cuts as documented', async (chunking, events) => {
    const pair = createMemoryPair({ chunking })
    const b = record(pair.b)
    pair.a.send(patterned(3))
    pair.a.send(patterned(4))
    await clock.settle()
    expect(b.events).toEqual(events)
  })

  it('with a seed cuts in the same way each time, and differently for another seed', async () => {
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

  it('does not lose or reorder bytes, whatever the cuts, the window and the latency', async () => {
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

  it('into short chunks delivers 16 MiB completely: sent pieces do not become as short as the chunks', async () => {
    const time = createVirtualClock()
    const pair = createMemoryPair({ clock: time, latencyMs: 1, chunking: { bytesMax: 1_000, seed: 1 } })
    const bytes = 16 * 1024 * 1024
    let arrived = 0
    const all = new Promise<void>((resolve) => {
      const sink = record(pair.b, (chunk) => {
        sink.chunks.length = 0
        sink.events.length = 0
        arrived += chunk.byteLength
        if (arrived === bytes) resolve()
      })
    })
    record(pair.a)
    pair.a.send(new Uint8Array(bytes))
    await time.until(all)
    expect(arrived).toBe(bytes)
  })
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

it('assertQuiet lists what is still open', async () => {
  const time = createVirtualClock()
  const pair = createMemoryPair({ clock: time, latencyMs: 1 })
  pair.a.send(patterned(3))
  time.setTimer(20, function heartbeat() {})
  expect(() => assertQuiet(time, pair)).toThrowError(
    /networkLatency, due at 1 ms.*heartbeat, due at 20 ms.*end a of a pair is open.*3 on the way/,
  )
  expect(() => assertQuiet({ leftOvers: () => [] })).not.toThrow()
})
