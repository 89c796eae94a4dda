import { type Patch, type PatchedProgram, withPatches } from './patched-sources.ts'

/** A seeded fault that needs more seeds could be missed. */
export const seedsToFault = 200

/** A seed that broke a rule. The last line names the rule and the details. */
export interface FaultySeed {
  readonly seed: number
  readonly lines: readonly string[]
}

/** Faults of the sources by name, and a search over seeds that must find each of them. */
export interface SeededFaults<Program> {
  readonly program: PatchedProgram
  readonly faults: Readonly<Record<string, readonly Patch[]>>
  /** Runs this many seeds, starting at 1, until one breaks a rule. */
  search(program: Program, seeds: number): Promise<FaultySeed | undefined>
}

/**
 * @returns the first seed that shows the fault; undefined if none of the first {@link seedsToFault} does
 * @throws RangeError for an unknown name; Error if a text of a patch does not occur exactly once, or a file is not
 * loaded
 */
export function findSeededFault<Program>(
  { program, faults, search }: SeededFaults<Program>,
  name: string,
): Promise<FaultySeed | undefined> {
  const patches = faults[name]
  if (patches === undefined) throw new RangeError(`${name} is none of: ${Object.keys(faults).join(', ')}`)
  return withPatches(program, patches, (patched: Program) => search(patched, seedsToFault))
}

/**
 * The command that searches for each fault, and prints whether it was found.
 *
 * @param names all faults if empty
 * @returns whether all were found
 */
export async function runSeededFaults<Program>(
  seeded: SeededFaults<Program>,
  names: readonly string[],
): Promise<boolean> {
  let good = true
  for (const name of names.length === 0 ? Object.keys(seeded.faults) : names) {
    const found = await findSeededFault(seeded, name)
    if (found === undefined) say(`failed ${name}: not found within ${seedsToFault} seeds`)
    else say(`passed ${name}: found by seed ${found.seed}: ${found.lines.at(-1)}`)
    good &&= found !== undefined
  }
  return good
}

export function say(line: string): void {
  process.stdout.write(`${line}\n`)
}
