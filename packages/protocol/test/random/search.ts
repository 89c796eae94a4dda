import type { Outcome } from './episode.ts'
import type { Layer } from './plan.ts'

/** A seed that broke a rule. */
export interface Found {
  readonly seed: number
  readonly layer: Layer
  readonly rule: string
  readonly lines: readonly string[]
}

/** The layers over which each seed runs. */
export const layers: readonly Layer[] = ['frames', 'bytes']

/** Runs seeds over both layers until one breaks a rule, and counts the entries of their traces. */
export async function findFault(
  runSeed: (seed: number, layer: Layer) => Promise<Outcome>,
  from: number,
  seeds: number,
): Promise<{ readonly fault: Found | undefined; readonly counts: Readonly<Record<string, number>> }> {
  const counts: Record<string, number> = {}
  for (let seed = from; seed < from + seeds; seed++) {
    for (const layer of layers) {
      const outcome = await runSeed(seed, layer)
      for (const [what, times] of Object.entries(outcome.counts)) counts[what] = (counts[what] ?? 0) + times
      const { rule, lines } = outcome
      if (rule !== undefined) return { fault: { seed, layer, rule, lines }, counts }
    }
  }
  return { fault: undefined, counts }
}

/** A line with the command that runs a seed again. */
export function replayLine({ seed, layer, rule }: Found): string {
  return `random: broke "${rule}"; replay with: npm run random -- --seed ${seed} --layer ${layer}`
}
