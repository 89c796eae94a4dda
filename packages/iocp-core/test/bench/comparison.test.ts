import { describe, expect, it } from 'vitest'
import { compare } from '../../bench/comparison.ts'
import { besideBefore, yardsticks } from '../../bench/contestants.ts'
import type { Run } from '../../bench/measure.ts'

/** Rounds of three runs with these frames per second: now, before and the twin. */
function rounds(...figures: readonly (readonly [now: number, before: number, again: number])[]): Run[] {
  const run = (contestant: string, framesPerSecond: number): Run => {
    return { contestant, framesPerSecond, framesPerCpuSecond: 1, medianNs: 1, p99Ns: 1, slowestP99Ns: 1 }
  }
  return figures.flatMap(([now, before, again]) => [
    run('epoll/callback', now),
    run('epoll/callback (before)', before),
    run('epoll/callback (again)', again),
  ])
}

const frames = (runs: readonly Run[]) => compare(runs).find(({ figure }) => figure === 'framesPerSecond')

describe('the comparison of two checkouts', () => {
  it('says lost when the median is below all ratios of the twin', () => {
    expect(frames(rounds([90, 100, 91], [90, 100, 91], [90, 100, 91]))).toMatchObject({
      contestant: 'epoll/callback',
      lost: true,
    })
  })

  it('says held when the difference to the other checkout is no larger than the difference to the twin', () => {
    expect(frames(rounds([95, 100, 88], [95, 100, 88], [95, 100, 88]))?.lost).toBe(false)
  })

  it('says held when this checkout is faster, even if the twin is faster still', () => {
    expect(frames(rounds([105, 100, 120], [105, 100, 120], [105, 100, 120]))?.lost).toBe(false)
  })

  it('also compares frames per CPU second, and leaves out contestants that ran alone', () => {
    const runs = rounds([1, 1, 1], [1, 1, 1])
    expect(compare(runs).map(({ figure }) => figure)).toEqual(['framesPerSecond', 'framesPerCpuSecond'])
    expect(compare(runs.filter(({ contestant }) => !contestant.endsWith('(before)')))).toEqual([])
  })

  it('puts the other checkout and a twin beside each contestant of this project, and beside no other', () => {
    const ours = { script: 'frameport', args: ['epoll', 'callback'] }
    const beside = besideBefore([{ name: 'epoll/callback', format: 'frames', server: ours }, ...yardsticks])
    expect(beside.map(({ name }) => name)).toEqual([
      'epoll/callback',
      'epoll/callback (before)',
      'epoll/callback (again)',
      ...yardsticks.map(({ name }) => name),
    ])
    expect(beside[1]?.server).toEqual({ ...ours, before: true })
    expect(beside[2]?.server).toEqual(ours)
  })
})
