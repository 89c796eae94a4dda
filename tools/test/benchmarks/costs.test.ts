import { describe, expect, it } from 'vitest'
import { type Cost, costLimits, isCostLost, judgeCost, pooled } from '../../../benchmarks/src/costs.ts'
import { harnesses, instructionsOf } from '../../../benchmarks/src/figures/instructions.ts'
import { totalOf } from '../../../benchmarks/src/figures/system-calls.ts'
import { requireTools } from '../../../benchmarks/src/figures/tools.ts'

const cost = (a: readonly number[], b: readonly number[]): Cost => ({ name: 'bytes', figure: 'bytes', a, b })

describe('the judgement about costs', () => {
  it('is held up to the limit of the figure, and lost beyond it', () => {
    expect(judgeCost(cost([1000], [1000 + 10 * costLimits.bytes])).verdict).toBe('held')
    expect(judgeCost(cost([1000], [1001 + 10 * costLimits.bytes])).verdict).toBe('lost')
    expect(judgeCost(cost([1000], [100])).verdict).toBe('held')
  })

  it('depends on a given limit instead', () => {
    expect(judgeCost(cost([1000], [1100]), 10).verdict).toBe('held')
    expect(judgeCost(cost([1000], [1001]), 0).verdict).toBe('lost')
  })

  it('depends on the median of the runs', () => {
    const judgement = judgeCost(cost([1000, 1000, 5000], [1000, 1000, 9000]))
    expect(judgement).toMatchObject({ medianOfA: 1000, medianOfB: 1000, morePercent: 0, verdict: 'held' })
  })

  it('is lost only if every run of B costs more than every run of A, after a second measurement', () => {
    const first = [cost([100, 101, 104], [103, 106, 106])]
    expect(judgeCost(first[0]!).verdict).toBe('held')
    const [apart] = [cost([100, 101, 102], [103, 106, 106])]
    expect(judgeCost(apart!).verdict).toBe('lost')
    const [both] = pooled([apart!], [cost([100, 104, 100], [106, 106, 106])])
    expect(both).toMatchObject({ a: [100, 101, 102, 100, 104, 100], b: [103, 106, 106, 106, 106, 106] })
    expect(judgeCost(both!).verdict).toBe('held')
  })

  it('is lost if a source is missing, and not if it is new', () => {
    expect(judgeCost(cost([], [1000]))).toMatchObject({ verdict: 'new' })
    expect(judgeCost(cost([1000], [])).verdict).toBe('gone')
    expect(isCostLost(judgeCost(cost([1000], [])))).toBe(true)
    expect(isCostLost(judgeCost(cost([], [1000])))).toBe(false)
  })

  it('names the Debian package of a missing tool', () => {
    const isHere = (tool: string) => tool !== 'strace' && tool !== 'valgrind'
    expect(() => requireTools(['bytes', 'system-calls', 'instructions'], isHere)).toThrow(
      /system-calls: .*package strace.*--without system-calls\.\ninstructions: .*package valgrind/,
    )
    expect(() => requireTools(['bytes'], isHere)).not.toThrow()
    expect(() => requireTools(['instructions'], () => true)).not.toThrow()
  })

  it('uses the total of strace', () => {
    const summary = [
      '    calls syscall',
      '--------- ----------------',
      '       62 epoll_wait',
      '     1400 write',
      '--------- ----------------',
      '     1462 total',
    ]
    expect(totalOf(summary.join('\n'))).toBe(1462)
    expect(() => totalOf('')).toThrow('no total')
  })

  it('uses the total of callgrind', () => {
    expect(instructionsOf('events: Ir\nfn=measured\n12 30\nsummary: 1500\ntotals: 1500\n')).toBe(1500)
    expect(() => instructionsOf('events: Ir\nsummary: 0\n')).toThrow('no instruction')
  })

  it('includes the instructions of the send queue, the batch table and the linked lists', () => {
    expect(harnesses.map(({ name }) => name)).toEqual(['send_queue', 'batch_table', 'linked_list'])
  })
})
