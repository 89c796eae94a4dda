import { RpcError } from '@frameport/protocol'
import type { CallKind } from '@frameport/protocol/envelope'
import { describe, expect, it } from 'vitest'
import { callOptions, checkCall } from '../../src/calling/check-call.ts'
import { safe } from '../../src/calling/safe.ts'
import { windowOf } from '../../src/calling/stream-window.ts'

const called = (callKind: CallKind) => ({
  contract: 'chat',
  path: 'join',
  fullName: 'chat/join',
  callKind,
  idempotent: false,
})

/** The error text for these options of a call of this kind, or 'taken'. */
function said(callKind: CallKind, options: object, hasInput = false): string {
  const read = callOptions(options, called(callKind), hasInput)
  return RpcError.is(read) ? read.message : 'taken'
}

const everyOption = {
  deadlineMs: 1,
  inheritDeadline: true,
  signal: undefined,
  metadata: {},
}

describe('the options of a call', () => {
  it.each<[CallKind, object]>([
    ['unary', {}],
    ['one-way', {}],
    ['server-stream', { windowItems: 1, windowBytes: 1 }],
    ['client-stream', { onProgress: () => undefined }],
    ['both-ways', { windowItems: 1, windowBytes: 1, onProgress: () => undefined }],
  ])('of the kind %s are all accepted', (callKind, more) => {
    const options = { ...everyOption, ...more }
    expect(callOptions(options, called(callKind), false)).toEqual(options)
  })

  it.each<[CallKind, object, string]>([
    ['unary', { windowItems: 1 }, 'windows are for streams, and chat/join answers once'],
    ['unary', { windowBytes: 1, deadlineMs: 1 }, 'windows are for streams'],
    ['unary', { name: 'Ada' }, 'chat/join takes no input: its only argument is the options of the call'],
    ['client-stream', { windowItems: 1 }, 'takes no input: it takes its upload and the options of the call'],
    ['one-way', { onProgress: 1 }, 'chat/join takes no input: its only argument'],
  ])('of the kind %s, %j, are refused with the likely mistake', (callKind, options, text) => {
    expect(said(callKind, options)).toContain(text)
  })

  it('do not mention inputs when the procedure takes one', () => {
    const text = said('unary', { name: 'Ada' }, true)
    expect(text).toMatch(/^the call was not made: options has no "name"/)
    expect(text).not.toContain('takes no input')
    expect(text.endsWith('undefined')).toBe(false)
    expect(said('client-stream', { windowItems: 1 }, true)).not.toContain('windows are for streams')
  })
})

describe('a call that an interceptor passed on', () => {
  const passed = (more: object) =>
    ({ procedure: called('unary'), input: undefined, metadata: {}, ...more }) as never

  it.each<[object, string]>([
    [{ onProgress: 5 }, 'onProgress is 5, not a function'],
    [{ deadlineMs: 'soon' }, 'deadlineMs is "soon"'],
    [{ signal: {} }, 'signal is'],
    [{ metadata: null }, 'metadata is null'],
  ])('with %j is refused', (more, text) => {
    expect(() => checkCall(passed(more))).toThrow(
      expect.objectContaining({ code: 'INVALID_ARGUMENT', message: expect.stringContaining(text) }),
    )
  })

  it('may have no deadline, and a progress callback', () => {
    checkCall(passed({ deadlineMs: Number.POSITIVE_INFINITY, onProgress: () => undefined }))
  })

  it.each(['windowItems', 'windowBytes'])('is refused with an invalid %s, by that name', (name) => {
    for (const given of [0, -1, 0.5, '5'])
      expect(() => windowOf(passed({ [name]: given }), { items: 1, bytes: 1 }, false)).toThrow(`${name} is`)
    const { first } = windowOf(passed({ [name]: 7 }), { items: 1, bytes: 1 }, false)
    expect(Object.values(first).sort()).toEqual([1, 7])
  })
})

describe('safe', () => {
  it.each<[string, unknown, string]>([
    ['nothing', undefined, 'not undefined'],
    ['null', null, 'not null'],
    ['a string', 'text', 'not "text"'],
    ['a function', () => undefined, 'not a function'],
    ['an object', {}, 'not an object'],
    ['a stream', { [Symbol.asyncIterator]: () => undefined }, 'not a stream'],
  ])('is refused with %s', async (_, given, text) => {
    await expect(safe(given as never)).rejects.toMatchObject({
      code: 'INVALID_OPTION',
      message: expect.stringContaining(text),
    })
  })
})
