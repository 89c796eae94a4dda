import { describe, expect, it } from 'vitest'
import { inheritedDeadline } from '../../src/calling/inherited-deadline.ts'

/**
 * An async context inside a handler whose caller gives up in `leftMs`, or outside of any handler if that is undefined.
 */
const inHandler = (leftMs: number | undefined) => {
  const call = leftMs === undefined ? undefined : { procedure: 'chat/join', leftMs: () => leftMs }
  return { getStore: () => call, run: <Result>(_: unknown, handle: () => Result) => handle() }
}

describe('the deadline of a call', () => {
  it.each<[string, number | undefined, boolean | undefined, number | undefined, number | undefined]>([
    ['is its own outside of a handler', undefined, undefined, 50, 50],
    ['is none outside of a handler, when it has none', undefined, undefined, undefined, undefined],
    ['is what is left in a handler, when it has none', 40, undefined, undefined, 40],
    ['is what is left in a handler, when that is less', 40, true, 50, 40],
    ['is its own in a handler, when that is less', 40, undefined, 30, 30],
    ['is its own where it inherits none', 40, false, 50, 50],
    ['is its own where it inherits none and nothing is left', 0, false, 50, 50],
  ])('%s', (_, leftMs, inherits, deadlineMs, expected) => {
    expect(inheritedDeadline(inHandler(leftMs), inherits, deadlineMs)).toBe(expected)
  })

  it('is its own when there is no async context of handlers', () => {
    expect(inheritedDeadline(undefined, undefined, 50)).toBe(50)
  })

  it.each([0, -1])('has passed when the handler has %d ms left', (leftMs) => {
    expect(() => inheritedDeadline(inHandler(leftMs), undefined, 50)).toThrow(
      expect.objectContaining({ code: 'DEADLINE_EXCEEDED', message: expect.stringContaining('chat/join') }),
    )
  })

  it.each([null, 1, 'no'])('is refused when inheritDeadline is %j', (inherits) => {
    expect(() => inheritedDeadline(undefined, inherits as never, 50)).toThrow(
      expect.objectContaining({
        code: 'INVALID_ARGUMENT',
        message: expect.stringContaining('inheritDeadline is'),
      }),
    )
  })
})
