import { readdirSync, readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { findSeededFault, type SeededFaults, seedsToFault } from './seeded-faults.ts'

/** The first random seed: FRAMEPORT_FUZZ_SEED, which may be `random`, or 1. */
export function firstSeed(): number {
  const wanted = process.env.FRAMEPORT_FUZZ_SEED ?? '1'
  return wanted === 'random' ? Math.floor(Math.random() * 2 ** 30) : Number(wanted)
}

/** One test for each seeded fault, which must be found. */
export function testSeededFaults<Program>(seeded: SeededFaults<Program>, timeout: number): void {
  it.each(Object.keys(seeded.faults))(`finds within ${seedsToFault} seeds: %s`, { timeout }, async (name) => {
    expect(await findSeededFault(seeded, name)).toBeDefined()
  })
}

/** @param folder the folder of the model, with a slash at its end */
export function testModelAlone(folder: URL): void {
  it('has a model that imports nothing but its own files', () => {
    const imports = readdirSync(folder).flatMap((file) =>
      [...readFileSync(new URL(file, folder), 'utf8').matchAll(/from '([^']+)'/g)].map(
        ([, from]) => from as string,
      ),
    )
    expect(imports.length).toBeGreaterThan(5)
    expect(imports.filter((from) => !/^\.\/[a-z-]+\.ts$/.test(from))).toEqual([])
  })
}
