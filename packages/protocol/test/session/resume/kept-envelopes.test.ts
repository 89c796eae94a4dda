import { describe, expect, it } from 'vitest'
import { Draw } from '../../../../../tests/support/draw.ts'
import { spareBytes } from '../../../src/session/resume/kept-blocks.ts'
import { KeptEnvelopes } from '../../../src/session/resume/kept-envelopes.ts'
import { joined } from '../../../src/session/resume/payload-parts.ts'

/** All kept envelopes, the oldest first. */
function all(kept: KeptEnvelopes): Buffer[] {
  const payloads: Buffer[] = []
  kept.rewind()
  for (let next = kept.next(); next !== undefined; next = kept.next())
    payloads.push(Buffer.from(joined(next)))
  return payloads
}

/** Keeps an envelope in one of three ways: as one part, as two parts, or by reference. */
function keep(kept: KeptEnvelopes, draw: Draw, step: number): Uint8Array {
  const length = 1 + draw.int(0, draw.int(0, 20) === 0 ? 40_000 : 300)
  const payload = new Uint8Array(length).fill(step)
  const copy = payload.slice()
  const how = draw.int(0, 2)
  if (how === 0) kept.keep(payload, length, false)
  else if (how === 1) kept.keep([payload.subarray(0, 1), payload.subarray(1)], length, false)
  else kept.keep(payload, length, true)
  if (how < 2) payload.fill(0xdd)
  return copy
}

it.each([1, 2, 3, 4, 5, 6, 7, 8])(
  'keeps the envelopes that were sent and not acknowledged, with seed %d',
  (seed) => {
    const draw = new Draw(seed)
    const kept = new KeptEnvelopes()
    const model: Uint8Array[] = []
    for (let step = 0; step < 2_000; step += 1) {
      if (draw.int(0, 9) < 6) {
        model.push(keep(kept, draw, step))
      } else {
        const count = draw.int(0, model.length)
        model.splice(0, count)
        kept.forget(count)
      }
      expect(kept.bytes).toBe(model.reduce((sum, { length }) => sum + length, 0))
      if (step % 50 === 0) expect(all(kept)).toEqual(model.map((payload) => Buffer.from(payload)))
    }
    kept.clear()
    expect([kept.bytes, kept.blockBytes, all(kept)]).toEqual([0, 0, []])
  },
)

it.each([1, 2, 3, 4, 5, 6, 7, 8])(
  'continues reading while envelopes are added and read ones are forgotten, with seed %d',
  (seed) => {
    const draw = new Draw(seed)
    const kept = new KeptEnvelopes()
    const model: Uint8Array[] = []
    let read = 0
    for (let step = 0; step < 4_000; step += 1) {
      const what = draw.int(0, 9)
      if (what < 4) model.push(keep(kept, draw, step))
      else if (what < 8) {
        const next = kept.next()
        expect(next === undefined).toBe(read === model.length)
        if (next === undefined) continue
        expect(Buffer.compare(joined(next), model[read] as Uint8Array)).toBe(0)
        read += 1
      } else {
        const count = draw.int(0, read)
        model.splice(0, count)
        kept.forget(count)
        read -= count
      }
      if (draw.int(0, 500) === 0) {
        kept.rewind()
        read = 0
      }
    }
  },
)

describe('the memory of kept envelopes', () => {
  it('is a block of 4 KiB for a short envelope, and 0 after its acknowledgement', () => {
    const kept = new KeptEnvelopes()
    expect(kept.blockBytes).toBe(0)
    kept.keep(new Uint8Array(100), 100, false)
    expect(kept.blockBytes).toBe(4096)
    kept.forget(1)
    expect(kept.blockBytes).toBe(0)
  })

  it('is close to their bytes, also when long and short ones cross blocks', () => {
    const kept = new KeptEnvelopes()
    for (let round = 0; round < 100; round += 1) {
      kept.keep(new Uint8Array(70_000), 70_000, false)
      kept.keep(new Uint8Array(100), 100, false)
      if (round > 0) kept.forget(2)
      expect(kept.blockBytes - kept.bytes).toBeLessThan(2 * 4096)
    }
    kept.forget(2)
    expect([kept.bytes, kept.blockBytes]).toEqual([0, 0])
  })

  it('is reused by later sessions, up to 1 MiB, and never by two at once', () => {
    const many = new KeptEnvelopes()
    for (let count = 0; count < 40; count += 1) many.keep(new Uint8Array(64 * 1024), 64 * 1024, false)
    many.clear()
    expect(spareBytes()).toBe(1024 * 1024)
    const [a, b] = [new KeptEnvelopes(), new KeptEnvelopes()]
    for (let step = 0; step < 100; step += 1) {
      a.keep(new Uint8Array(500).fill(1), 500, false)
      b.keep(new Uint8Array(500).fill(2), 500, false)
    }
    expect(spareBytes()).toBeLessThan(1024 * 1024)
    expect(new Set(all(a).flatMap((payload) => [...payload]))).toEqual(new Set([1]))
    expect(new Set(all(b).flatMap((payload) => [...payload]))).toEqual(new Set([2]))
    a.clear()
    b.clear()
    expect(spareBytes()).toBe(1024 * 1024)
  })

  it('is reused by a sender of long bodies whose peer acknowledges continuously', () => {
    const kept = new KeptEnvelopes()
    const piece = new Uint8Array(64 * 1024)
    const before = process.memoryUsage().arrayBuffers
    let most = 0
    for (let count = 0; count < 4_096; count += 1) {
      kept.keep([piece.subarray(0, 10), piece], piece.length + 10, false)
      if (count >= 8) kept.forget(1)
      most = Math.max(most, process.memoryUsage().arrayBuffers - before)
    }
    kept.clear()
    expect(most).toBeLessThan(2 * 1024 * 1024)
  })
})
