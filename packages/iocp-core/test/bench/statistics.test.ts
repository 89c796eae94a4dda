import { describe, expect, it } from 'vitest'
import type { Run } from '../../bench/measure.ts'
import { median, ratiosToNeighbours, rotated, spreadOf } from '../../bench/statistics.ts'
import { summarize } from '../../bench/summary.ts'

describe('the statistics of the benchmark', () => {
  it('takes the middle figure, or the mean of the two in the middle', () => {
    expect(median([3, 1, 2])).toBe(2)
    expect(median([4, 1, 3, 2])).toBe(2.5)
    expect(median([])).toBeNaN()
  })

  it('gives the lowest and the highest figure with the median', () => {
    expect(spreadOf([5, 1, 3])).toEqual({ median: 3, lowest: 1, highest: 5 })
  })

  it('gives every contestant every position in the order', () => {
    const orders = [0, 1, 2, 3].map((round) => rotated(['a', 'b', 'c'], round))
    expect(orders).toEqual([
      ['a', 'b', 'c'],
      ['b', 'c', 'a'],
      ['c', 'a', 'b'],
      ['a', 'b', 'c'],
    ])
  })

  it('compares each run with the mean of the two runs of the reference around it', () => {
    const sequence = [
      { contestant: 'net', value: 10 },
      { contestant: 'ours', value: 30 },
      { contestant: 'other', value: 7 },
      { contestant: 'net', value: 20 },
      { contestant: 'ours', value: 60 },
      { contestant: 'net', value: 40 },
    ]
    expect(ratiosToNeighbours(sequence, 'ours', 'net')).toEqual([2, 2])
    expect(ratiosToNeighbours(sequence, 'net', 'net')).toEqual([20 / 25])
  })

  it('leaves out a run that has the reference on one side only', () => {
    const sequence = [
      { contestant: 'ours', value: 30 },
      { contestant: 'net', value: 10 },
      { contestant: 'ours', value: 30 },
    ]
    expect(ratiosToNeighbours(sequence, 'ours', 'net')).toEqual([])
  })
})

function run(contestant: string, framesPerSecond: number): Run {
  const times = { medianNs: 1000, p99Ns: 2000, slowestP99Ns: 1e12 / framesPerSecond }
  return { contestant, framesPerSecond, framesPerCpuSecond: framesPerSecond * 2, ...times }
}

describe('the summary of one place', () => {
  const references = (slow: number, fast: number, limit: number) => [
    run('node:net/coalesced', slow),
    run('node:net/corked', fast),
    run('c++', limit),
  ]
  const runs = [
    ...references(100, 200, 400),
    run('epoll/callback', 300),
    ...references(100, 200, 400),
    run('epoll/callback', 380),
    ...references(100, 200, 400),
  ]
  const place = summarize(64, { connections: 64, depth: 16 }, runs)
  const ours = place.rows.find(({ contestant }) => contestant === 'epoll/callback')

  it('compares all contestants with the best variant of node:net', () => {
    expect(place.yardstick).toBe('node:net/corked')
    expect(ours?.ratio).toEqual({ median: 1.7, lowest: 1.5, highest: 1.9 })
    expect(ours?.ofLimit).toBe(0.85)
  })

  it('shows that the slowest connection of a faster server waits less', () => {
    expect(ours?.slowestP99Ratio.median).toBeLessThan(1)
  })

  it('says whether the contestants of this project met their aims, and includes Bun only if it ran', () => {
    expect(ours?.aims).toEqual([{ of: 'node:net', ratio: 1.7, met: true }])
    expect(place.rows.filter(({ aims }) => aims.length > 0)).toHaveLength(1)
    const bun = run('Bun.listen', 320)
    const beside = summarize(64, { connections: 64, depth: 16 }, [bun, ...runs, bun])
    expect(beside.rows.find(({ contestant }) => contestant === 'epoll/callback')?.aims).toEqual([
      { of: 'node:net', ratio: 1.7, met: true },
      { of: 'Bun.listen', ratio: 1.2, met: false },
    ])
  })

  it('has an aim for the slowest connection where frames are long and many', () => {
    const at = (depth: number) =>
      summarize(16_384, { connections: 64, depth }, runs).rows.find(({ aims }) => aims.length > 0)?.aims
    expect(at(1)).toEqual([{ of: 'node:net', ratio: 1.3, met: true }])
    expect(at(16)).toEqual([
      { of: 'node:net', ratio: 1.5, met: true },
      { of: 'slowest p99', ratio: 1.5, met: true },
    ])
  })

  it('lists the fastest first', () => {
    expect(place.rows.map(({ contestant }) => contestant)).toEqual([
      'c++',
      'epoll/callback',
      'node:net/corked',
      'node:net/coalesced',
    ])
  })
})
