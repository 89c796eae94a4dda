import { describe, expect, test } from 'vitest'
import { returned } from '../../src/member/returns.ts'

const known = { serverId: 'one', historyId: 'h', lastLineId: 7 }
const state = {
  room: 'lobby',
  name: 'alice',
  members: [],
  away: [],
  lastLineId: 9,
  forgottenLineId: 0,
  historyId: 'h',
  serverId: 'two',
  files: [],
}
const lines = (...ids: number[]) => ids.map((id) => ({ id, atMs: 0, name: 'bob', text: `line ${id}` }))

describe('who comes back with a new session', () => {
  test.each([
    ['no line', lines(5, 7), {}, 'The server has restarted: no line came meanwhile.', []],
    ['one line', lines(7, 8), {}, 'The server has restarted: 1 line came meanwhile.', [8]],
    ['lines', lines(6, 7, 8, 9), {}, 'The server has restarted: 2 lines came meanwhile.', [8, 9]],
    [
      'lines of the same server',
      lines(8),
      { serverId: 'one' },
      'You were away for too long: 1 line came meanwhile.',
      [8],
    ],
    [
      'more lines than are kept',
      lines(9),
      { forgottenLineId: 8 },
      'The server has restarted: more lines came meanwhile than its 50 last ones.',
      [9],
    ],
    [
      'another history',
      lines(1, 2),
      { historyId: 'other' },
      'The server has restarted, and has forgotten what was said: lines may be missing here.',
      [1, 2],
    ],
  ])('is told of %s', (_what, history, changes, sentence, missed) => {
    const found = returned(known, { ...state, ...changes }, history)
    expect(found.sentence).toBe(sentence)
    expect(found.missed.map(({ id }) => id)).toEqual(missed)
  })

  test('a line that was forgotten and seen before is no loss', () => {
    expect(returned(known, { ...state, forgottenLineId: 7 }, lines(8)).sentence).toContain('1 line came')
  })
})
