import { describe, expect, it } from 'vitest'
import { readingOf } from '../../../benchmarks/support/message.ts'
import { arrivalsDue, arrivalsOf, dueAtMs } from '../../../benchmarks/support/rival/arrivals.ts'

describe('the schedule of an open load', () => {
  it('spreads its arrivals evenly, the first one at once', () => {
    const schedule = { perSecond: 400, ms: 1000 }
    expect(arrivalsOf(schedule)).toBe(400)
    expect([0, 1, 2, 399].map((arrival) => dueAtMs(schedule, arrival))).toEqual([0, 2.5, 5, 997.5])
  })

  it('has at least one arrival, however slow it is', () => {
    expect(arrivalsOf({ perSecond: 0.5, ms: 1000 })).toBe(1)
    expect(arrivalsDue({ perSecond: 0.5, ms: 1000 }, 0)).toBe(1)
  })

  it.each([
    [-1, 0],
    [0, 1],
    [2.49, 1],
    [2.5, 2],
    [997.5, 400],
    [60_000, 400],
  ])('has the following number of due arrivals after %d ms: %d', (elapsedMs, due) => {
    expect(arrivalsDue({ perSecond: 400, ms: 1000 }, elapsedMs)).toBe(due)
  })

  it('counts every arrival exactly when it is due, at any rate', () => {
    for (const perSecond of [3, 7, 295.1, 9876.543, 333_333]) {
      const schedule = { perSecond, ms: 50_000 / perSecond }
      for (let arrival = 0; arrival < arrivalsOf(schedule); arrival++)
        expect(arrivalsDue(schedule, dueAtMs(schedule, arrival))).toBe(arrival + 1)
    }
  })

  it('counts the arrivals during a stall at its end, all at once', () => {
    const schedule = { perSecond: 1000, ms: 1000 }
    const before = arrivalsDue(schedule, 100)
    expect(arrivalsDue(schedule, 350) - before).toBe(250)
  })
})

describe('a message of the comparison', () => {
  it.each([64, 65, 1024])('has %d bytes as JSON, whatever its number', (bytes) => {
    for (const number of [0, 1, 999_999, 1_000_000])
      expect(JSON.stringify(readingOf(number, bytes))).toHaveLength(bytes)
  })
})
