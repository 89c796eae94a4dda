import type { Calm, Phase, Trial } from './trial.ts'

const MiB = 1024 * 1024

/** What an attack may cost. */
export const bounds = {
  /** Of the delay of the event loop of who is attacked; or that under an innocent load of the same size, and a quarter for noise. */
  delayP99Ms: 20,
  delayP99Noise: 1.25,
  /** The longest delay, and the good client's p99, against those under an innocent load of the same size. */
  ratio: 5,
  /** Below this the clock and the scheduler say more than the attack. */
  noiseMs: 20,
  /**
   * Beside the stated budget: what connections, handlers and code take, and what is not collected yet. Attacks that fill
   * the budget were measured at up to 99 MiB; the rest is for when collections come later.
   */
  memoryBesideBytes: 128 * MiB,
  /** More than before the load, after a collection, when all are gone. */
  memoryLeftBytes: 16 * MiB,
}

/** What an attack has achieved against the clock, in words. */
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

/** What it has achieved beside that, in words. */
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

/** Where the memory of a process is at its bound under an attack. */
export function memoryBoundBytes(before: Calm, budgetBytes: number): number {
  return before.figures.memoryBytes + budgetBytes + bounds.memoryBesideBytes
}

/** How far memory was at its highest above what it was before. */
export function grownBytes({ figures }: Phase, before: Calm): number {
  return figures.memoryPeakBytes - before.figures.memoryBytes
}

export const ms = (value: number) => `${value.toFixed(1)} ms`
export const mib = (bytes: number) => `${(bytes / MiB).toFixed(1)} MiB`
