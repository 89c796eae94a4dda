/**
 * Compares our decoders with those in Python on many cases: `npm run fuzz:interop -- [CASES]`, by default a million.
 */
import { compareEnvelopes } from './support/compare-envelopes.ts'
import { compareFrames } from './support/compare-frames.ts'
import { seedOf } from './support/seed.ts'

const casesByDefault = 1_000_000

const cases = Number(process.argv[2] ?? casesByDefault)
if (!Number.isSafeInteger(cases) || cases < 1) {
  throw new RangeError(`${process.argv[2]} cases: give a whole number from 1 on`)
}
const seed = seedOf(process.env, 'random')
process.stdout.write(`FRAMEPORT_FUZZ_SEED=${seed}\n`)

const comparisons = {
  'envelopes under the default limits': () =>
    compareEnvelopes(cases, seed, { metadataEntriesMax: 64, metadataBytesMax: 8192 }),
  'envelopes with little metadata': () =>
    compareEnvelopes(cases, seed, { metadataEntriesMax: 1, metadataBytesMax: 6 }),
  frames: () => compareFrames(cases, seed),
}
for (const [name, compare] of Object.entries(comparisons)) {
  const started = performance.now()
  const { differences, ...counts } = await compare()
  const seconds = Math.round((performance.now() - started) / 1000)
  process.stdout.write(`${name}: ${cases} cases in ${seconds} s, ${JSON.stringify(counts)}\n`)
  for (const difference of differences) process.stdout.write(`  differs: ${JSON.stringify(difference)}\n`)
  if (differences.length > 0) process.exitCode = 1
}
