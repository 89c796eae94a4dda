import { expect, it } from 'vitest'
import { firstSeed, testModelAlone, testSeededFaults } from '../../../../tests/support/model-tests.ts'
import { runSeed } from './episode.ts'
import { findFault, replayLine } from './search.ts'
import { seededFaults } from './seeded-faults.ts'

/** `npm run random` runs 3,000. */
const seeds = 500
const timeout = 180_000

const from = firstSeed()

it(`breaks no rule of the model in ${seeds} seeds from ${from}, over both layers`, { timeout }, async () => {
  const { fault, counts } = await findFault(runSeed, from, seeds)
  expect(fault && [...fault.lines.slice(-40), replayLine(fault)].join('\n')).toBeUndefined()
  const least = {
    call: 10,
    cancel: 1,
    grant: 2,
    handler: 5,
    handlerAborted: 0.5,
    item: 1,
    started: 0.5,
    event: 0.5,
    giveItem: 3,
    itemCame: 3,
    uploadEnded: 1,
    stopped: 0.1,
    dropped: 0.1,
    closed: 4,
  }
  for (const [what, perSeed] of Object.entries(least)) {
    expect.soft(counts[what], what).toBeGreaterThanOrEqual(perSeed * seeds)
  }
})

testSeededFaults(seededFaults, timeout)

it('runs a seed twice in the same way', async () => {
  const [first, second] = [await runSeed(77, 'bytes'), await runSeed(77, 'bytes')]
  expect(second).toEqual(first)
})

testModelAlone(new URL('./model/', import.meta.url))
