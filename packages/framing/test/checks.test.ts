import { describe, expect, it } from 'vitest'
import { reachingProcess } from '../../../tests/support/failing-callbacks.ts'
import { describeValue, reportUncaught } from '../src/checks.ts'

class Tagged {
  get [Symbol.toStringTag](): string {
    throw new Error('from the tag')
  }
}

describe('the text of a value', () => {
  it.each([
    ['le', '"le"'],
    ['two\nlines', '"two\\nlines"'],
    ['x'.repeat(100_000), `"${'x'.repeat(80)}"`],
    [-0.5, '-0.5'],
    [10n, '10n'],
    [10n ** 200n, `1${'0'.repeat(79)}`],
    [null, 'null'],
    [undefined, 'undefined'],
    [Symbol('s'), 'Symbol(s)'],
    [() => 0, 'a function'],
    [{ secret: 1 }, 'an object'],
    [[1, 2], 'an array'],
    [new Map(), 'a Map'],
    [new Error('hidden'), 'an Error'],
    [new Uint8Array(2), 'a Uint8Array'],
    [new Tagged(), 'an object that cannot be shown'],
  ])('%#: is short, in one line, and shows nothing inside an object', (value, text) => {
    expect(describeValue(value)).toBe(text)
  })
})

it('what a callback threw is reported as uncaught, and the caller goes on', async () => {
  const thrown = new Error('from the callback')
  expect(await reachingProcess(() => reportUncaught(thrown))).toEqual({ uncaught: [thrown], unhandled: [] })
})
