import type { ByteStream } from '@frameport/framing'
import { describe, expect, it } from 'vitest'
import { assertQuiet, TestingError } from '../../src/index.ts'
import { concat, patterned, record } from '../recorder.ts'
import { expectAccounted, kinds } from './kinds.ts'

describe.each(kinds)('%s: delivery', (_kind, open) => {
  it('keeps the order in both directions and never happens inside send', async () => {
    const pair = await open()
    const a = record(pair.a)
    const b = record(pair.b)
    expect(pair.a.send(Uint8Array.of(1, 2))).toBe('sent')
    expect(pair.a.send([Uint8Array.of(3), Uint8Array.of(4, 5)])).toBe('sent')
    expect(pair.b.send(Uint8Array.of(9))).toBe('sent')
    expect([...a.events, ...b.events]).toEqual([])
    await pair.settle()
    expect(b.events).toEqual(['data 2', 'data 3'])
    expect(concat(b.chunks)).toEqual(Uint8Array.of(1, 2, 3, 4, 5))
    expect(concat(a.chunks)).toEqual(Uint8Array.of(9))
    expectAccounted(pair)
  })

  it('uses a copy: the caller may reuse its bytes after send', async () => {
    const pair = await open()
    const b = record(pair.b)
    const bytes = Uint8Array.of(1, 2, 3)
    pair.a.send(bytes)
    bytes.fill(0)
    await pair.settle()
    expect(concat(b.chunks)).toEqual(Uint8Array.of(1, 2, 3))
  })

  it('overwrites a lent chunk after the callback, and lends it at an offset', async () => {
    const pair = await open()
    let kept = new Uint8Array()
    record(pair.b, (chunk) => {
      kept = chunk as Uint8Array<ArrayBuffer>
    })
    pair.a.send(Uint8Array.of(1, 2, 3))
    await pair.settle()
    expect([...kept]).toEqual([0xdd, 0xdd, 0xdd])
    expect(kept.byteOffset).toBeGreaterThan(0)
  })

  it('waits until start', async () => {
    const pair = await open()
    pair.a.send(Uint8Array.of(7))
    pair.a.end()
    await pair.settle()
    const b = record(pair.b)
    expect(b.events).toEqual([])
    await pair.settle()
    expect(b.events).toEqual(['data 1', 'end'])
  })

  it('does not happen for an empty send, which is accepted', async () => {
    const pair = await open()
    const b = record(pair.b)
    expect(pair.a.send(new Uint8Array())).toBe('sent')
    expect(pair.a.send([])).toBe('sent')
    await pair.settle()
    expect(b.events).toEqual([])
  })

  it('cannot be started twice', async () => {
    const pair = await open()
    record(pair.a)
    expect(() => record(pair.a)).toThrowError(expect.objectContaining({ code: 'ALREADY_STARTED' }))
  })
})

describe.each(kinds)('%s: back-pressure', (_kind, open) => {
  const small = { windowBytes: 10, highWatermarkBytes: 20, lowWatermarkBytes: 5 }

  it('returns the right verdicts at, and one byte over, the window and the watermark', async () => {
    const pair = await open(small)
    expect(pair.a.send(patterned(10))).toBe('sent')
    expect(pair.a.send(patterned(20))).toBe('queued')
    expect(pair.a.queuedBytes).toBe(20)
    expect(pair.a.send(patterned(1))).toBe('full')
    expect(pair.a.queuedBytes).toBe(21)
  })

  it('drains once, after the queue has fallen to the low watermark', async () => {
    const pair = await open(small)
    const a = record(pair.a)
    expect(pair.a.send(patterned(100))).toBe('full')
    let drained = false
    void pair.a.drained().then(() => {
      drained = true
    })
    await pair.settle()
    expect([a.events, drained]).toEqual([[], false])
    const b = record(pair.b)
    await pair.settle()
    expect([a.events, drained]).toEqual([['drain'], true])
    expect(concat(b.chunks)).toEqual(patterned(100))
    await pair.a.drained()
  })

  it('fills the window and then the queue if the receiver is paused, and resume delivers everything', async () => {
    const pair = await open(small)
    const b = record(pair.b, () => pair.b.pause())
    pair.a.send(patterned(10))
    await pair.settle()
    pair.a.send(patterned(10))
    pair.a.send(patterned(10))
    pair.a.end()
    await pair.settle()
    expect(b.events).toEqual(['data 10'])
    expect(pair.a.queuedBytes).toBe(10)
    while (!b.events.includes('end')) {
      pair.b.resume()
      await pair.settle()
    }
    expect(concat(b.chunks)).toEqual(concat([patterned(10), patterned(10), patterned(10)]))
  })
})

describe.each(kinds)('%s: the end', (_kind, open) => {
  it('closes one direction: the other one continues, and both ends close without an error', async () => {
    const pair = await open()
    const a = record(pair.a)
    const b = record(pair.b)
    pair.a.end()
    pair.a.end()
    expect(pair.a.send(patterned(1))).toBe('closed')
    await pair.settle()
    expect(b.events).toEqual(['end'])
    expect(pair.b.send(patterned(2))).toBe('sent')
    pair.b.end()
    await pair.settle()
    expect(a.events).toEqual(['data 2', 'end', 'close'])
    expect(b.events).toEqual(['end', 'close'])
    expect([a.closeError, b.closeError]).toEqual([undefined, undefined])
    assertQuiet(pair)
  })

  it('by abort reports its reason here and a reset there, drops data under way and settles drained()', async () => {
    const pair = await open({ windowBytes: 4, highWatermarkBytes: 8, lowWatermarkBytes: 1 })
    const a = record(pair.a)
    const b = record(pair.b, () => pair.b.pause())
    pair.a.send(patterned(4))
    await pair.settle()
    expect(pair.a.send(patterned(50))).toBe('full')
    const waiting = pair.a.drained()
    const reason = new Error('enough')
    pair.a.abort(reason)
    pair.a.abort(new Error('a later reason'))
    expect(pair.a.send(patterned(1))).toBe('closed')
    await waiting
    await pair.settle()
    expect(a.events).toEqual(['close'])
    expect(a.closeError).toBe(reason)
    expect(b.events).toEqual(['data 4', 'close'])
    expect(TestingError.is(b.closeError) && b.closeError.code).toBe('CONNECTION_RESET')
    expect(pair.a.counters.droppedBytes).toBe(50)
    expectAccounted(pair)
    assertQuiet(pair)
  })

  it('is reported to a sink that starts after the abort', async () => {
    const pair = await open()
    pair.a.abort()
    await pair.settle()
    const b = record(pair.b)
    await pair.settle()
    expect(b.events).toEqual(['close'])
  })

  it('by a reset takes the latency, and data that is sent to the dead end meanwhile is dropped', async () => {
    const pair = await open({ latencyMs: 50 })
    const time = pair.clock
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

  it('in order before the reset arrives leaves no data in transit to the dead end', async () => {
    const pair = await open({ latencyMs: 50 })
    const time = pair.clock
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

it.each(kinds)('%s: the latency delays by exactly its length, without real time', async (_kind, open) => {
  const { a, b, clock } = await open({ latencyMs: 5_000 })
  const { events } = record(b)
  a.send(patterned(1))
  await clock.advance(4_999)
  expect(events).toEqual([])
  await clock.advance(1)
  expect(events).toEqual(['data 1'])
})

it.each(kinds)('%s: an end is a ByteStream', async (_kind, open) => {
  const stream: ByteStream = (await open()).a
  expect(stream.queuedBytes).toBe(0)
})
