import type { Outcome } from './episode.ts'

/** A seed that broke a rule. */
export interface Found {
  readonly seed: number
  readonly rule: string
  readonly lines: readonly string[]
}

/** Runs seeds until one breaks a rule, and counts what happened in them. */
export async function findFault(
  runSeed: (seed: number) => Promise<Outcome>,
  from: number,
  seeds: number,
): Promise<{ readonly fault: Found | undefined; readonly counts: Readonly<Record<string, number>> }> {
  const counts: Record<string, number> = {}
  for (let seed = from; seed < from + seeds; seed++) {
    const outcome = await runSeed(seed)
    for (const [what, times] of Object.entries(outcome.counts)) counts[what] = (counts[what] ?? 0) + times
    const { rule, lines } = outcome
    if (rule !== undefined) return { fault: { seed, rule, lines }, counts }
  }
  return { fault: undefined, counts }
}

/** The command that repeats a seed. */
export function replayLine({ seed, rule }: Found): string {
  return `network: broke "${rule}"; replay with: npm run network -- --seeds 1 --from ${seed} --trace`
}
