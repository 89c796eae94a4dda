import { readdirSync, readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { patched } from '../../../../tests/support/patched-sources.ts'
import { runSeed } from './episode.ts'
import { findFault, replayLine } from './search.ts'
import { seededFaults, withFault } from './seeded-faults.ts'

/** `npm run random` takes 3,000. */
const seeds = 500
const seedsToFault = 200
const timeout = 180_000

const wanted = process.env.FRAMEPORT_FUZZ_SEED ?? '1'
const from = wanted === 'random' ? Math.floor(Math.random() * 2 ** 30) : Number(wanted)

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

it.each(Object.keys(seededFaults))(`finds within ${seedsToFault} seeds: %s`, { timeout }, async (name) => {
  const search = (episode: { readonly runSeed: typeof runSeed }) =>
    findFault(episode.runSeed, 1, seedsToFault)
  const { fault } = await withFault(seededFaults[name]!, search)
  expect(fault).toBeDefined()
})

it('runs a seed twice in the same way', async () => {
  const [first, second] = [await runSeed(77, 'bytes'), await runSeed(77, 'bytes')]
  expect(second).toEqual(first)
})

it('refuses a seeded fault whose place has changed', async () => {
  const patch = { file: 'frame-session.ts', search: 'twice', replace: 'once' }
  expect(() => patched('never', patch)).toThrow('frame-session.ts has "twice" 0 times: mend the seeded fault')
  expect(() => patched('twice, twice', patch)).toThrow('2 times')
  const missing = { ...patch, file: 'no-such-file.ts' }
  await expect(withFault([missing], async () => undefined)).rejects.toThrow('is not loaded by the program')
})

it('has a model that imports nothing but its own files', () => {
  const folder = new URL('./model/', import.meta.url)
  const imports = readdirSync(folder).flatMap((file) =>
    [...readFileSync(new URL(file, folder), 'utf8').matchAll(/from '([^']+)'/g)].map(
      ([, from]) => from as string,
    ),
  )
  expect(imports.length).toBeGreaterThan(5)
  expect(imports.filter((from) => !/^\.\/[a-z-]+\.ts$/.test(from))).toEqual([])
})
