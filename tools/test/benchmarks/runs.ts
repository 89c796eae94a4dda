import type { Round, Slice } from '../../../benchmarks/src/measure.ts'

/** Slices in which speed and CPU time are this many times as good as usual. */
const slicesOf = (factors: readonly number[]): Slice[] =>
  factors.map((factor) => ({
    unitsPerSecond: 20_000 * factor,
    serverUs: 20 / factor,
    clientUs: 15 / factor,
  }))

export interface Factors {
  readonly a: readonly number[]
  readonly b: readonly number[]
  readonly twin: readonly number[]
}

export function roundOf({ a, b, twin }: Factors): Round {
  const run = (factors: readonly number[]) => ({ unit: 'call' as const, slices: slicesOf(factors) })
  return new Map([
    ['A', run(a)],
    ['B', run(b)],
    ['twin of A', run(twin)],
  ])
}

/** Rounds of one slice each. */
export function roundsOf(factors: Factors): Round[] {
  return factors.a.map((a, at) => roundOf({ a: [a], b: [factors.b[at]!], twin: [factors.twin[at]!] }))
}

/** Returns the same numbers from 0 to 1 in every run (mulberry32). */
export function random(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}
