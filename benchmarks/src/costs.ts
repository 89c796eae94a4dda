import { median } from './statistics.ts'

/** Figures that do not depend on the load of the machine: the same program costs the same again. */
export interface Cost {
  /** `unary: bytes per call on the server`. */
  readonly name: string
  /** The name for `--without`. */
  readonly figure: CostFigure
  /** The figures of several runs; none if the checkout has nothing to measure. */
  readonly a: readonly number[]
  readonly b: readonly number[]
}

/** How much more, in percent, B may cost: above the difference between two measurements of the same sources. */
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
  /** Above 0, B costs more. */
  readonly morePercent: number
  readonly limitPercent: number
  readonly verdict: CostVerdict
}

/**
 * A cost is a loss if its median is more than the limit, and if every run of B costs more than any of A: on a very
 * busy machine, a figure may differ by more than its limit. A cost that only B has is not a loss; one that only A has is, because otherwise
 * a renamed part would no longer be guarded.
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

/** Combines two measurements of the same costs into one with more runs. */
export function pooled(first: readonly Cost[], second: readonly Cost[]): Cost[] {
  return first.map((cost, at) => {
    const more = second[at]!
    return { ...cost, a: [...cost.a, ...more.a], b: [...cost.b, ...more.b] }
  })
}

export const isCostLost = ({ verdict }: CostJudgement): boolean => verdict === 'lost' || verdict === 'gone'
