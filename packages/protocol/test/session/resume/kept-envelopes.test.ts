import { expect, it } from 'vitest'
import { Draw } from '../../../../../tests/support/draw.ts'
import { KeptEnvelopes } from '../../../src/session/resume/kept-envelopes.ts'

/** What is kept, the oldest first. */
function all(kept: KeptEnvelopes): Buffer[] {
  kept.rewind()
  return Array.from({ length: kept.count + 1 }, () => kept.next())
    .filter((payload) => payload !== undefined)
    .map((payload) => Buffer.from(payload))
}

/** Keeps one, how it is drawn: as one part, as two, or by reference. */
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
  'what is kept is what was sent and not acknowledged, by seed %d',
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
      expect(kept.count).toBe(model.length)
      expect(kept.bytes).toBe(model.reduce((sum, { length }) => sum + length, 0))
      if (step % 50 === 0) expect(all(kept)).toEqual(model.map((payload) => Buffer.from(payload)))
    }
    kept.clear()
    expect([kept.count, kept.bytes, all(kept)]).toEqual([0, 0, []])
  },
)

it.each([1, 2, 3, 4, 5, 6, 7, 8])(
  'what is kept is read on where it was left, while more is kept and what was read is forgotten, by seed %d',
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
        expect(next?.length).toBe(model[read]?.length)
        if (next === undefined) continue
        expect(Buffer.compare(next, model[read] as Uint8Array)).toBe(0)
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
