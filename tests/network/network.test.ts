import { expect, it } from 'vitest'
import { firstSeed, testModelAlone, testSeededFaults } from '../support/model-tests.ts'
import { patched } from '../support/patched-sources.ts'
import { findSeededFault } from '../support/seeded-faults.ts'
import { runSeed } from './episode.ts'
import { findFault, replayLine } from './search.ts'
import { seededFaults } from './seeded-faults.ts'
import { seldom } from './seldom.ts'

/** `npm run network` runs any number of seeds. */
const seeds = 500
const timeout = 600_000

const from = firstSeed()

it(`breaks no rule of the model in ${seeds} seeds from ${from}`, { timeout }, async () => {
  const { fault, counts } = await findFault(runSeed, from, seeds)
  expect(fault && [...fault.lines.slice(-40), replayLine(fault)].join('\n')).toBeUndefined()
  const least = {
    call: 20,
    cancel: 1,
    begin: 15,
    aborted: 1.5,
    item: 5,
    take: 8,
    takeEnd: 1,
    event: 3,
    gap: 0.005,
    subscribed: 1,
    cut: 0.8,
    hold: 0.4,
    kill: 0.2,
    suspend: 0.15,
    dismiss: 0.05,
    closed: 3,
    lost: 1,
    attached: 0.3,
    rest: 2,
  }
  for (const [what, perSeed] of Object.entries(least)) {
    expect.soft(counts[what], what).toBeGreaterThanOrEqual(perSeed * seeds)
  }
  for (const what of seldom) expect.soft(counts[what], what).toBeGreaterThanOrEqual(1)
})

testSeededFaults(seededFaults, timeout)

it('runs a seed in the same way each time', async () => {
  const [first, second] = [await runSeed(77), await runSeed(77)]
  expect(first.lines.length).toBeGreaterThan(100)
  expect(second).toEqual(first)
})

it('prints a line that repeats a seed', () => {
  expect(replayLine({ seed: 7, rule: 'a call settles once', lines: [] })).toBe(
    'network: broke "a call settles once"; replay with: npm run network -- --seeds 1 --from 7 --trace',
  )
})

it('refuses a seeded fault if its source text has changed', async () => {
  const patch = { file: 'protocol/src/index.ts', search: 'twice', replace: 'once' }
  expect(() => patched('never', patch)).toThrow('has "twice" 0 times: mend the seeded fault')
  expect(() => patched('twice, twice', patch)).toThrow('2 times')
  const missing = { ...patch, file: 'protocol/src/no-such-file.ts' }
  const program = { ...seededFaults, faults: { missing: [missing] } }
  await expect(findSeededFault(program, 'missing')).rejects.toThrow('is not loaded by the program')
})

testModelAlone(new URL('./model/', import.meta.url))
