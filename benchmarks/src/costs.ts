import { median } from './statistics.ts'

/** What does not depend on who else uses the machine: the same program costs the same again. */
export interface Cost {
  /** `unary: bytes per call on the server`. */
  readonly name: string
  /** What `--without` calls it. */
  readonly figure: CostFigure
  /** Of several runs; none where the checkout has nothing to measure. */
  readonly a: readonly number[]
  readonly b: readonly number[]
}

/** How much more, in percent, B may cost: above what the same sources differ by when they are measured again. */
export const costLimits = {
  bytes: 1,
  'system-calls': 1,
  instructions: 0.2,
} as const

export type CostFigure = keyof typeof costLimits
export const costFigures = Object.keys(costLimits) as readonly CostFigure[]

type CostVerdict = 'held' | 'lost' | 'new' | 'gone'

export interface CostJudgement extends Cost {
  readonly medianOfA: number
  readonly medianOfB: number
  /** Above 0 B costs more. */
  readonly morePercent: number
  readonly limitPercent: number
  readonly verdict: CostVerdict
}

/**
 * Lost is what costs more than the limit in the median, and more in every run of B than in any of A: on a machine that is
 * very busy, a figure may differ by more than its limit. What only B has is no loss; what only A has is one, or a
 * part that was renamed would be guarded no longer.
 */
export function judgeCost(cost: Cost, allowedPercent?: number): CostJudgement {
  const [medianOfA, medianOfB] = [median(cost.a), median(cost.b)]
  const limitPercent = allowedPercent ?? costLimits[cost.figure]
  const morePercent = ((medianOfB - medianOfA) / medianOfA) * 100
  return { ...cost, medianOfA, medianOfB, morePercent, limitPercent, verdict: verdictOf() }

  function verdictOf(): CostVerdict {
    if (cost.b.length === 0) return 'gone'
    if (cost.a.length === 0) return 'new'
    const isApart = Math.min(...cost.b) > Math.max(...cost.a)
    return isApart && morePercent > limitPercent ? 'lost' : 'held'
  }
}

/** The same costs measured twice, as one measurement of more runs. */
export function pooled(first: readonly Cost[], second: readonly Cost[]): Cost[] {
  return first.map((cost, at) => {
    const more = second[at]!
    return { ...cost, a: [...cost.a, ...more.a], b: [...cost.b, ...more.b] }
  })
}

export const isCostLost = ({ verdict }: CostJudgement): boolean => verdict === 'lost' || verdict === 'gone'
