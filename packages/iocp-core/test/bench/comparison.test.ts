import { describe, expect, it } from 'vitest'
import { compare } from '../../bench/comparison.ts'
import { besideBefore, yardsticks } from '../../bench/contestants.ts'
import type { Run } from '../../bench/measure.ts'

/** Rounds of now, before and a twin, in this order, with these frames per second. */
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
  it('says lost when the median is below everything that the twin did', () => {
    expect(frames(rounds([90, 100, 91], [90, 100, 91], [90, 100, 91]))).toMatchObject({
      contestant: 'epoll/callback',
      lost: true,
    })
  })

  it('says held when the twin differs from the contestant as much as before differs from now', () => {
    expect(frames(rounds([95, 100, 88], [95, 100, 88], [95, 100, 88]))?.lost).toBe(false)
  })

  it('says held when now is faster, also where the twin was faster still', () => {
    expect(frames(rounds([105, 100, 120], [105, 100, 120], [105, 100, 120]))?.lost).toBe(false)
  })

  it('compares the frames of a second of processor time, too, and nobody who ran alone', () => {
    const runs = rounds([1, 1, 1], [1, 1, 1])
    expect(compare(runs).map(({ figure }) => figure)).toEqual(['framesPerSecond', 'framesPerCpuSecond'])
    expect(compare(runs.filter(({ contestant }) => !contestant.endsWith('(before)')))).toEqual([])
  })

  it('puts the other checkout and a twin beside each of ours and beside nobody else', () => {
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
