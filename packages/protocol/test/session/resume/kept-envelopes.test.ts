import { expect, it } from 'vitest'
import { Draw } from '../../../../../tests/support/draw.ts'
import { KeptEnvelopes } from '../../../src/session/resume/kept-envelopes.ts'

it.each([1, 2, 3, 4, 5, 6, 7, 8])(
  'what is kept is what was sent and not acknowledged, by seed %d',
  (seed) => {
    const draw = new Draw(seed)
    const kept = new KeptEnvelopes()
    const model: Uint8Array[] = []
    for (let step = 0; step < 2_000; step += 1) {
      if (draw.int(0, 9) < 6) {
        const length = 1 + draw.int(0, draw.int(0, 20) === 0 ? 40_000 : 300)
        const payload = new Uint8Array(length).fill(step)
        model.push(payload.slice())
        const how = draw.int(0, 2)
        if (how === 0) kept.keep(payload, length, false)
        else if (how === 1) kept.keep([payload.subarray(0, 1), payload.subarray(1)], length, false)
        else kept.keep(payload, length, true)
        if (how < 2) payload.fill(0xdd)
      } else {
        const count = draw.int(0, model.length)
        model.splice(0, count)
        kept.forget(count)
      }
      expect(kept.count).toBe(model.length)
      expect(kept.bytes).toBe(model.reduce((sum, { length }) => sum + length, 0))
      if (step % 50 === 0)
        expect([...kept].map((payload) => Buffer.from(payload))).toEqual(
          model.map((payload) => Buffer.from(payload)),
        )
    }
    kept.clear()
    expect([kept.count, kept.bytes, [...kept]]).toEqual([0, 0, []])
  },
)
