import { type Patch, withPatches } from '../support/patched-sources.ts'

/** A seeded fault that takes more is one that could be missed. */
export const seedsToFault = 200

/** The faults that the random networks have to find. */
export const seededFaults: Readonly<Record<string, readonly Patch[]>> = {}

type Episode = typeof import('./episode.ts')

const program = {
  entry: new URL('./episode.ts', import.meta.url),
  sources: new URL('../../packages/', import.meta.url),
}

/**
 * Loads the random networks over sources with patches, and hands them to `use`.
 *
 * @throws Error for a text that does not occur exactly once, or a file that is not loaded
 */
export function withFault<Result>(
  patches: readonly Patch[],
  use: (episode: Episode) => Promise<Result>,
): Promise<Result> {
  return withPatches(program, patches, use)
}
