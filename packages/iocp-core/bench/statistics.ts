/** One figure over several runs: the median, the lowest and the highest. */
export interface Spread {
  readonly median: number
  readonly lowest: number
  readonly highest: number
}

export function median(figures: readonly number[]): number {
  const sorted = [...figures].sort((a, b) => a - b)
  const middle = Math.floor(sorted.length / 2)
  const upper = sorted[middle] ?? Number.NaN
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2
}

export function spreadOf(figures: readonly number[]): Spread {
  return { median: median(figures), lowest: Math.min(...figures), highest: Math.max(...figures) }
}

/** The figure of one run. A sequence of runs has the order in which they ran. */
export interface Measured {
  readonly contestant: string
  readonly value: number
}

/** Every contestant runs once in each round. Each round begins with another one, so that none has a fixed place. */
export function rotated<T>(contestants: readonly T[], round: number): T[] {
  const first = round % contestants.length
  return [...contestants.slice(first), ...contestants.slice(0, first)]
}

/**
 * The ratio of each run of a contestant to the mean of the reference's two nearest runs, before and after it. Slow
 * changes of the machine then affect both sides of the ratio. A run of the reference itself is compared with its own
 * neighbours, which shows how much the ratios differ by chance.
 */
export function ratiosToNeighbours(
  sequence: readonly Measured[],
  contestant: string,
  reference: string,
): number[] {
  const ratios: number[] = []
  for (const [at, run] of sequence.entries()) {
    if (run.contestant !== contestant) continue
    const before = sequence.slice(0, at).findLast((other) => other.contestant === reference)
    const after = sequence.slice(at + 1).find((other) => other.contestant === reference)
    if (before !== undefined && after !== undefined)
      ratios.push(run.value / ((before.value + after.value) / 2))
  }
  return ratios
}
