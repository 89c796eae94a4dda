import { describe, expect, test } from 'vitest'
import { returned } from '../../src/member/returns.ts'

const known = { serverId: 'one', log: 'aa', number: 7 }
const lines = (...numbers: number[]) =>
  numbers.map((number) => ({ number, line: { atMs: 0, name: 'bob', text: `line ${number}` } }))

describe('A member who comes back with a new session', () => {
  test.each([
    ['no line', lines(5, 7), {}, 'The server has restarted: no line came meanwhile.', []],
    ['one line', lines(7, 8), {}, 'The server has restarted: 1 line came meanwhile.', [8]],
    ['lines', lines(6, 7, 8, 9), {}, 'The server has restarted: 2 lines came meanwhile.', [8, 9]],
    [
      'lines of the same server',
      lines(7, 8),
      { serverId: 'one' },
      'You were away for too long: 1 line came meanwhile.',
      [8],
    ],
    [
      'more lines than the page has',
      lines(9, 12),
      { isWhole: false },
      'The server has restarted: only the last 2 of the missed lines follow.',
      [9, 12],
    ],
    [
      'another log',
      lines(1, 2),
      { log: 'bb', isWhole: false },
      'The server has restarted. The server now has a different log, so lines may be missing here.',
      [1, 2],
    ],
  ])('sees a notice about %s', (_what, read, changes, sentence, missed) => {
    const { serverId, ...history } = { serverId: 'two', log: 'aa', isStart: false, isWhole: true, ...changes }
    const found = returned(known, { serverId, hasOthers: false }, { ...history, lines: read })
    expect(found.sentence).toBe(sentence)
    expect(found.missed.map(({ number }) => number)).toEqual(missed)
  })

  test('sees that another server may have taken over if there are several', () => {
    const found = returned(
      known,
      { serverId: 'two', hasOthers: true },
      { log: 'aa', isStart: false, isWhole: true, lines: lines(7, 8) },
    )
    expect(found.sentence).toBe(
      'Your server has restarted, or another one has taken over: 1 line came meanwhile.',
    )
  })
})
