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
    ['is the given deadline outside of a handler', undefined, undefined, 50, 50],
    ['is absent outside of a handler if none is given', undefined, undefined, undefined, undefined],
    ['is the remaining time of the handler if none is given', 40, undefined, undefined, 40],
    ['is the remaining time of the handler if that is shorter', 40, true, 50, 40],
    ['is the given deadline in a handler if that is shorter', 40, undefined, 30, 30],
    ['is the given deadline if it inherits none', 40, false, 50, 50],
    ['is the given deadline if it inherits none, even if the handler has no time left', 0, false, 50, 50],
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
