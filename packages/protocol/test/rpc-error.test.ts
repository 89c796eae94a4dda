import { inspect } from 'node:util'
import { describe, expect, it } from 'vitest'
import { errorWithoutStack } from '../src/contract/index.ts'
import { RpcError } from '../src/index.ts'

it.each([0, 0.5, 1_000, 2 ** 60, Number.POSITIVE_INFINITY, undefined])(
  'accepts a retry time of %s ms',
  (retryAfterMs) => {
    expect(new RpcError('UNAVAILABLE', 'not now', { retryAfterMs }).retryAfterMs).toBe(retryAfterMs)
  },
)

it.each([
  [-1, '-1'],
  [Number.NaN, 'NaN'],
  ['5', '"5"'],
  [null, 'null'],
  [5n, '5n'],
])('refuses a retry time of %s, which is no number of milliseconds', (given, shown) => {
  const make = () => new RpcError('UNAVAILABLE', 'not now', { retryAfterMs: given as number })
  expect(make).toThrow(
    expect.objectContaining({
      code: 'INVALID_FIELD',
      message: `retryAfterMs is ${shown}, not a number of milliseconds from 0 on`,
    }),
  )
})

it.each([
  ['undefined', undefined],
  ['null', null],
  ['5', 5],
  ['an object', { data: 1 }],
])('refuses %s as its message', (shown, given) => {
  expect(() => new RpcError('gone', given as unknown as string)).toThrow(
    expect.objectContaining({
      code: 'INVALID_FIELD',
      message:
        `the message of an RpcError is ${shown}, not a string: give the code first, then the message, ` +
        "as in new RpcError('NOT_FOUND', 'the job is gone')",
    }),
  )
  expect(new RpcError('GONE', '').message).toBe('')
})

it.each([
  ['null', null],
  ['5', 5],
  ['"gone"', 'gone'],
  ['an array', []],
  ['a Map', new Map()],
  ['a Promise', Promise.resolve()],
])('refuses %s as its options', (shown, given) => {
  expect(() => new RpcError('GONE', 'gone', given as never)).toThrow(
    expect.objectContaining({
      name: 'ProtocolError',
      code: 'INVALID_OPTION',
      message: expect.stringContaining(`the options of an RpcError are ${shown}, not a`),
    }),
  )
})

it.each([
  ['an error', new TypeError('no socket')],
  ['an error with a cause', new Error('no socket', { cause: 5 })],
  ['an error with members', Object.assign(new Error('no socket'), { code: 'EPIPE' })],
])('refuses %s as its options, and says where it belongs', (_, error) => {
  expect(() => new RpcError('GONE', 'gone', error as never)).toThrow(
    expect.objectContaining({
      code: 'INVALID_OPTION',
      message: expect.stringContaining("give it as the cause, as in new RpcError('NOT_FOUND',"),
    }),
  )
})

it.each([
  [
    'code',
    () => new RpcError(undefined as never, 'gone'),
    'the code of an RpcError is undefined, not a string',
  ],
  [
    'procedure',
    () => new RpcError('GONE', 'gone', { procedure: /x/ as never }),
    'procedure is a RegExp, not a string',
  ],
  [
    'maybeExecuted',
    () => new RpcError('GONE', 'gone', { maybeExecuted: 'no' as never }),
    'maybeExecuted is "no", not true or false',
  ],
])('refuses a wrong %s', (_, make, message) => {
  expect(make).toThrow(expect.objectContaining({ name: 'ProtocolError', code: 'INVALID_FIELD', message }))
})

const full = () =>
  new RpcError('GONE', 'the job is gone', {
    procedure: 'tasks/take',
    data: { since: 3 },
    maybeExecuted: true,
    retryAfterMs: 50,
    // Consoles omit the stack lines that a cause shares with its error.
    cause: Object.assign(new TypeError('no socket', { cause: 'a text' }), { stack: 'TypeError: no socket' }),
  })

/** The text without stack lines, which contain the path of this test. */
const withoutFrames = (text: string) => text.replace(/\n +at .*?( \{)?$/gm, '$1')

describe('an RpcError', () => {
  it.each([
    [full(), 'RpcError: GONE: tasks/take: the job is gone'],
    [new RpcError('GONE', 'the job is gone'), 'RpcError: GONE: the job is gone'],
    [new RpcError('GONE', 'GONE', { procedure: 'tasks/take' }), 'RpcError: GONE: tasks/take'],
    [new RpcError('GONE', ''), 'RpcError: GONE'],
    [
      new RpcError('INTERNAL', 'an item of tasks/take is not valid', { procedure: 'tasks/take' }),
      'RpcError: INTERNAL: an item of tasks/take is not valid',
    ],
  ])(
    'has its code, procedure and message once in its text and in the first line of its stack',
    (error, title) => {
      expect(String(error)).toBe(title)
      expect(error.stack?.split('\n')[0]).toBe(title)
      expect(error.stack).toContain('rpc-error.test.ts')
      expect(error.name).toBe('RpcError')
    },
  )

  it('keeps the message of the callee as its message', () => {
    expect(full().message).toBe('the job is gone')
  })

  it('shows its facts on a console, and no empty members', () => {
    expect(withoutFrames(inspect(full()))).toBe(
      [
        'RpcError: GONE: tasks/take: the job is gone {',
        "  code: 'GONE',",
        "  procedure: 'tasks/take',",
        '  data: { since: 3 },',
        '  maybeExecuted: true,',
        '  retryAfterMs: 50,',
        "  [cause]: [TypeError: no socket] { [cause]: 'a text' }",
        '}',
      ].join('\n'),
    )
    expect(withoutFrames(inspect(new RpcError('GONE', 'gone')))).toBe(
      "RpcError: GONE: gone {\n  code: 'GONE',\n  maybeExecuted: false\n}",
    )
  })

  it('has its facts and the texts of its causes in JSON, without control characters or stacks', () => {
    expect(JSON.parse(JSON.stringify(full()))).toEqual({
      name: 'RpcError',
      code: 'GONE',
      procedure: 'tasks/take',
      message: 'the job is gone',
      data: { since: 3 },
      retryAfterMs: 50,
      maybeExecuted: true,
      cause: { name: 'TypeError', message: 'no socket', cause: 'a text' },
    })
    const cause = Object.assign(new Error('\u009b31m\nred'), { code: 'E\u202e', name: '\u0007Bell' })
    expect(JSON.parse(JSON.stringify(new RpcError('GONE', 'gone', { cause })))).toEqual({
      name: 'RpcError',
      code: 'GONE',
      message: 'gone',
      maybeExecuted: false,
      cause: { name: '\ufffdBell', message: '\ufffd31m red', code: 'E\ufffd' },
    })
  })

  it('has a JSON form even when its causes are circular or unreadable', () => {
    const circle = new Error('round')
    circle.cause = circle
    const { proxy, revoke } = Proxy.revocable({}, {})
    revoke()
    const unreadable = Object.defineProperty(new Error('odd'), 'code', {
      get() {
        throw new Error('from the getter')
      },
    })
    const json = (cause: unknown) => JSON.stringify(new RpcError('GONE', 'gone', { cause }))
    expect(json(circle).match(/round/g)).toHaveLength(1)
    let chain = new Error('the first')
    for (let count = 0; count < 100; count++) chain = new Error('a link', { cause: chain })
    expect(json(chain).match(/a link/g)).toHaveLength(8)
    expect(json(proxy)).toContain('"cause":"an error that cannot be shown"')
    expect(json(unreadable)).toContain('"cause":"odd"')
  })

  it('has the errors of an aggregate in JSON, each once', () => {
    const down = new Error('down')
    const cause = new AggregateError([down, 'a text', down], 'none of two')
    expect(new RpcError('GONE', 'gone', { cause }).toJSON().cause).toEqual({
      name: 'AggregateError',
      message: 'none of two',
      errors: [{ name: 'Error', message: 'down' }, 'a text'],
    })
  })

  it('has the names of the members of a thrown object in JSON, and not their values', () => {
    const { cause } = new RpcError('GONE', 'gone', { cause: { status: 500, token: 'secret' } }).toJSON()
    expect(cause).toBe('an object with status, token')
  })

  it.each<[string, unknown, string]>([
    ['a cycle', Object.assign([], { 0: null }), ''],
    ['a bigint', 5n, '5n'],
    ['a function', () => 1, 'a function'],
    [
      'a getter that throws',
      Object.defineProperty({}, 'x', { get: () => JSON.parse('{'), enumerable: true }),
      'an object',
    ],
  ])('has a JSON form even when its data are %s', (name, given, shown) => {
    if (name === 'a cycle') (given as unknown[])[0] = given
    const json = JSON.parse(JSON.stringify(new RpcError('GONE', 'gone', { data: given })))
    expect(json).toMatchObject({ code: 'GONE', data: expect.stringMatching(/which JSON cannot carry$/) })
    expect(json.data).toContain(shown)
  })

  it('shows its title and the stacks of its causes to tools that read the members of toJSON()', () => {
    const { message, cause } = full().toJSON()
    expect(message).toBe('GONE: tasks/take: the job is gone')
    expect(cause).toMatchObject({ name: 'TypeError', message: 'no socket', stack: 'TypeError: no socket' })
    expect(JSON.stringify(cause)).toBe('{"name":"TypeError","message":"no socket","cause":"a text"}')
    // A tool may have replaced the causes by plain objects.
    const plain = { name: 'DiskFull', message: 'no block', stack: 'here', code: 28, toString: 'a text' }
    const shown = new RpcError('GONE', 'gone', { cause: plain }).toJSON().cause
    expect(shown).toMatchObject({ name: 'DiskFull', message: 'no block', stack: 'here', code: 28 })
  })

  it('accepts another stack, which some tools set', () => {
    const error = full()
    error.stack = 'elsewhere'
    expect(error.stack).toBe('elsewhere')
  })

  it('has no stack when it is made for the peer, or when the client makes it again for the caller', () => {
    const { stackTraceLimit } = Error
    expect(errorWithoutStack('GONE', 'gone').stack).not.toContain('\n')
    expect(Error.stackTraceLimit).toBe(stackTraceLimit)
    expect(new Error('x').stack).toContain('rpc-error.test.ts')
  })
})
