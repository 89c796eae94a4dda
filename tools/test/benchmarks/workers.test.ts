import { describe, expect, it } from 'vitest'
import {
  aimsOf,
  leastSpread,
  type PoolRun,
  type PoolSlice,
  poolTable,
} from '../../../benchmarks/src/pool/pool-table.ts'

const latencies = { calls: 1, p50Us: 2_000, p99Us: 9_000, mostUs: 9_000 }

/** A slice with this many calls and deliveries, for one second of CPU time each. */
const slice = (calls: number, deliveries: number): PoolSlice => ({
  calls: { units: calls, serverNs: 1e9 },
  room: { lines: 1, deliveries, latencies, serverNs: 1e9 },
})
const one: PoolRun = { slices: [slice(100, 1_000), slice(50, 500)], spreads: [[1_001], [1_001]] }
const runsWith = (two: PoolRun) => new Map(Object.entries({ one, two }))

describe('one worker compared with two', () => {
  it('is compared slice by slice, so that a machine that slows down does not change the ratios', () => {
    const two: PoolRun = {
      slices: [slice(90, 950), slice(45, 475)],
      spreads: [
        [520, 481],
        [450, 551],
      ],
    }
    const [, row] = poolTable('title', runsWith(two)).rows
    expect(row).toEqual([
      'two',
      expect.any(String),
      '0.90 (0.90–0.90)',
      expect.any(String),
      '0.95 (0.95–0.95)',
      '2',
      '9',
      '52/48, 45/55',
    ])
    expect(leastSpread(two)).toBeCloseTo(450 / 1_001)
    expect(aimsOf('two', runsWith(two)).map(({ isReached }) => isReached)).toEqual([true, true, true])
  })

  it('misses an aim if the figure is below it', () => {
    const two: PoolRun = { slices: [slice(84, 840), slice(42, 420)], spreads: [[390, 611]] }
    const aims = aimsOf('two', runsWith(two))
    expect(aims.map(({ isReached }) => isReached)).toEqual([false, false, false])
    expect(aims[0]?.text).toBe(
      'calls for a CPU second, of those of one worker: 0.84, at least 0.85 was aimed at: missed',
    )
  })
})
