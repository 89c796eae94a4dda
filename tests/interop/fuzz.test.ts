import { expect, it } from 'vitest'
import { compareEnvelopes, decoded } from './support/compare-envelopes.ts'
import { compareFrames } from './support/compare-frames.ts'
import { seedOf } from './support/seed.ts'

const seed = seedOf(process.env, '1')
const defaults = { metadataEntriesMax: 64, metadataBytesMax: 8192 }
const timeout = 120_000

it(`our decoder and that in Python agree on 80,000 payloads of the seed ${seed}`, { timeout }, async () => {
  const { accepted, differences } = await compareEnvelopes(80_000, seed, defaults)
  expect(differences).toEqual([])
  expect(accepted).toBeGreaterThan(5_000)
})

it(`our decoder and that in Python agree on 20,000 payloads of the seed ${seed} with a low limit for metadata`, {
  timeout,
}, async () => {
  const limits = { metadataEntriesMax: 1, metadataBytesMax: 6 }
  const { overLimit, differences } = await compareEnvelopes(20_000, seed, limits)
  expect(differences).toEqual([])
  expect(overLimit).toBeGreaterThan(100)
})

it(`our decoder splits 20,000 streams of the seed ${seed} like that in Python`, { timeout }, async () => {
  const { payloads, refused, differences } = await compareFrames(20_000, seed)
  expect(differences).toEqual([])
  expect(payloads).toBeGreaterThan(5_000)
  expect(refused).toBeGreaterThan(5_000)
})

it.each([
  ['a result whose metadata are only the first byte of a count', '02050301ed0b'],
  [
    'a one-way call whose metadata are only two bytes of a count',
    '22860b6368617440312f6a6f696e041b02ac0202a1b207041b0278',
  ],
])('our decoder refuses %s', (_, hex) => {
  const outcome = decoded(Uint8Array.from(Buffer.from(hex, 'hex')), defaults)
  expect(outcome).toEqual({ ok: false, code: 'MALFORMED_ENVELOPE' })
})
