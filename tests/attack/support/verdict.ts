import type { Calm, Phase, Trial } from './trial.ts'

const MiB = 1024 * 1024

/** The permitted effects of an attack. */
export const bounds = {
  /**
   * The delay of the event loop of the process under attack; or that under an innocent load of the same size, plus a
   * quarter for noise.
   */
  delayP99Ms: 20,
  delayP99Noise: 1.25,
  /** The longest delay, and the p99 of the good client, compared with those under an innocent load of the same size. */
  ratio: 5,
  /** Below this value, the clock and the scheduler have more influence than the attack. */
  noiseMs: 20,
  /**
   * In addition to the documented budget: connections, handlers, code and garbage. Attacks that fill the budget were
   * measured at up to 99 MiB; the rest allows for later garbage collections.
   */
  memoryBesideBytes: 128 * MiB,
  /** The growth since before the load, after a garbage collection, when all peers have left. */
  memoryLeftBytes: 16 * MiB,
}

/** Describes the effects of an attack on times. */
export function delays({ innocent, hostile: { figures, good } }: Trial): string[] {
  if (innocent === undefined) throw new TypeError('delays are judged by those under an innocent load')
  const found: string[] = []
  const delayBoundMs = Math.max(bounds.delayP99Ms, bounds.delayP99Noise * innocent.figures.delayP99Ms)
  if (figures.delayP99Ms > delayBoundMs)
    found.push(
      `the event loop was late by ${ms(figures.delayP99Ms)} (p99), where ${ms(delayBoundMs)} are the bound`,
    )
  over('the longest delay of the event loop', figures.delayMaxMs, innocent.figures.delayMaxMs)
  over('p99 of the good client', good.p99Ms, innocent.good.p99Ms)
  return found

  function over(what: string, hostileMs: number, innocentMs: number): void {
    const bound = Math.max(bounds.ratio * innocentMs, bounds.noiseMs)
    if (hostileMs > bound)
      found.push(`${what} was ${ms(hostileMs)}, and ${ms(innocentMs)} under an innocent load`)
  }
}

/** Describes its other effects. */
export function harm({ innocent, hostile, before, after, budgetBytes, deedsMin }: Trial): string[] {
  const { good, counts } = hostile
  const found: string[] = []
  if (counts.deeds < deedsMin)
    found.push(`it did not run: ${counts.deeds} deeds, where ${deedsMin} were to be`)
  if (good.failed > 0) found.push(`${good.failed} of ${good.calls} good calls failed`)
  if (innocent !== undefined && innocent.good.failed > 0)
    found.push(`${innocent.good.failed} good calls failed under the innocent load`)
  const grown = grownBytes(hostile, before)
  const mayGrow = budgetBytes + bounds.memoryBesideBytes
  if (grown > mayGrow) found.push(`memory grew by ${mib(grown)}, where ${mib(mayGrow)} are the bound`)
  const left = after.figures.memoryBytes - before.figures.memoryBytes
  if (left > bounds.memoryLeftBytes) found.push(`${mib(left)} were left when all were gone`)
  const open = Object.entries(after.open).filter(([, count]) => count > 0)
  if (open.length > 0) found.push(`left over: ${JSON.stringify(Object.fromEntries(open))}`)
  return found
}

/** The memory bound of a process under an attack. */
export function memoryBoundBytes(before: Calm, budgetBytes: number): number {
  return before.figures.memoryBytes + budgetBytes + bounds.memoryBesideBytes
}

/** The growth of memory from before the load to its peak. */
export function grownBytes({ figures }: Phase, before: Calm): number {
  return figures.memoryPeakBytes - before.figures.memoryBytes
}

export const ms = (value: number) => `${value.toFixed(1)} ms`
export const mib = (bytes: number) => `${(bytes / MiB).toFixed(1)} MiB`
