import { describe, expect, it } from 'vitest'
import { medianOf, ratioOf } from '../../../benchmarks/src/measure.ts'
import { median, quartiles, rotated } from '../../../benchmarks/src/statistics.ts'
import { roundOf } from './runs.ts'

const speed = ({ unitsPerSecond }: { readonly unitsPerSecond: number }) => unitsPerSecond

describe('the statistics of the benchmarks', () => {
  it.each([
    [[3], { lower: 3, median: 3, upper: 3 }],
    [[2, 1], { lower: 1.25, median: 1.5, upper: 1.75 }],
    [[9, 1, 8, 2, 7, 3, 6, 4, 5], { lower: 3, median: 5, upper: 7 }],
    [[10, 9, 11, 100], { lower: 9.75, median: 10.5, upper: 33.25 }],
  ])('finds the quartiles of %j', (figures, expected) => {
    expect(quartiles(figures)).toEqual(expected)
  })

  it('have no median of nothing, and do not change their arguments', () => {
    const figures = [3, 1, 2]
    expect(median([])).toBeNaN()
    expect(median(figures)).toBe(2)
    expect(figures).toEqual([3, 1, 2])
  })

  it('give each program each place in the order once', () => {
    expect([0, 1, 2, 3].map((round) => rotated(['A', 'B', 'twin'], round).join())).toEqual([
      'A,B,twin',
      'B,twin,A',
      'twin,A,B',
      'A,B,twin',
    ])
  })

  it('compare neighbours, so that a machine that slows down does not change the ratios', () => {
    const a = [1, 0.5, 0.25, 0.2]
    const round = roundOf({ a, b: a.map((factor) => factor * 0.9), twin: a })
    expect(ratioOf(round, 'B', 'A', speed)).toBeCloseTo(0.9)
    expect(ratioOf(round, 'twin of A', 'A', speed)).toBe(1)
    expect(medianOf([round], 'A', speed)).toBe(7500)
  })

  it('omit a slice during which something else ran', () => {
    const round = roundOf({ a: [1, 1, 0.1, 1, 1], b: [1, 1, 1, 1, 1], twin: [1, 1, 1, 1, 1] })
    expect(ratioOf(round, 'B', 'A', speed)).toBe(1)
  })
})
