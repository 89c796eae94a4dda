import { describe, expect, it } from 'vitest'
import { confirmed, judge, lostPercent, speedNames } from '../../../benchmarks/src/verdict.ts'
import { random, roundsOf } from './runs.ts'

const nine = (factor: number) => Array.from({ length: 9 }, () => factor)
/** Ratios around 1 whose lower quartile is 0.95. */
const wide = [0.9, 0.93, 0.95, 0.97, 1, 1.03, 1.05, 1.07, 1.1]

const isLost = (b: readonly number[], twin: readonly number[], allowedPercent = 3) =>
  judge('unary', roundsOf({ a: nine(1), b, twin }), allowedPercent).map((judgement) => judgement.isLost)

describe('the verdict about a speed', () => {
  it('covers the rate and the CPU time of both sides', () => {
    const rounds = roundsOf({ a: nine(1), b: nine(0.9), twin: nine(1) })
    const judgements = judge('unary', rounds, 3)
    expect(judgements.map(({ speed }) => speed)).toEqual(speedNames)
    expect(judgements.map(({ amountOfA }) => Math.round(amountOfA))).toEqual([20_000, 50_000, 66_667])
    for (const { ratio } of judgements) expect(lostPercent(ratio)).toBeCloseTo(10)
  })

  it('is held for A against A, and for a faster B', () => {
    expect(isLost(nine(1), nine(1))).toEqual([false, false, false])
    expect(isLost(nine(1.2), nine(1))).toEqual([false, false, false])
  })

  it('is lost beyond the allowed loss, and not within it', () => {
    expect(isLost(nine(0.971), nine(1))).toEqual([false, false, false])
    expect(isLost(nine(0.969), nine(1))).toEqual([true, true, true])
    expect(isLost(nine(0.91), nine(1), 10)).toEqual([false, false, false])
    expect(isLost(nine(0.89), nine(1), 10)).toEqual([true, true, true])
  })

  it('is lost only below the middle half of the effect of chance', () => {
    expect(isLost(nine(0.951), wide)).toEqual([false, false, false])
    expect(isLost(nine(0.949), wide)).toEqual([true, true, true])
  })

  it('does not allow a greater loss if the twin happened to be faster', () => {
    expect(isLost(nine(0.98), nine(1.2))).toEqual([false, false, false])
    expect(isLost(nine(0.96), nine(1.2))).toEqual([true, true, true])
  })

  it('depends on the median, not on one bad pair', () => {
    expect(isLost([0.3, 0.3, 0.3, 0.3, 1, 1, 1, 1, 1], nine(1))).toEqual([false, false, false])
  })

  it('keeps a loss that new rounds confirm, with their figures, and drops one that they do not confirm', () => {
    const of = (b: number) => judge('unary', roundsOf({ a: nine(1), b: nine(b), twin: nine(1) }), 3)
    const kept = confirmed(of(0.8), of(0.9))
    expect(kept.map((judgement) => judgement.isLost)).toEqual([true, true, true])
    expect(lostPercent(kept[0]!.ratio)).toBeCloseTo(10)
    expect(confirmed(of(0.9), of(0.99)).map((judgement) => judgement.isLost)).toEqual([false, false, false])
    expect(confirmed(of(1), of(0.5)).map((judgement) => judgement.isLost)).toEqual([false, false, false])
  })

  it('is a false alarm in fewer than 2 of 100 comparisons on a busy machine, and detects a loss of a fifth', () => {
    const draw = random(25)
    // The sum of uniform numbers is nearly normal. Ratios vary by 8 %, and one in ten by up to 30 % more.
    const noise = () => {
      const normal = Array.from({ length: 12 }, draw).reduce((sum, value) => sum + value, -6)
      return Math.exp(normal * 0.06) * (draw() < 0.1 ? 1 - 0.3 * draw() : 1)
    }
    const alarms = (loss: number) => {
      const once = () => {
        const figures = (factor: number) => nine(factor).map((value) => value * noise())
        const rounds = roundsOf({ a: figures(1), b: figures(1 - loss), twin: figures(1) })
        return judge('unary', rounds, 3).slice(0, 1)
      }
      return Array.from({ length: 1000 }, () => confirmed(once(), once())).filter(([first]) => first?.isLost)
    }
    expect(alarms(0).length).toBeLessThan(20)
    expect(alarms(0.2).length).toBeGreaterThan(950)
  })
})
