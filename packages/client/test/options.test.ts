import { createClient, type Interceptor } from '@frameport/client'
import { tcp } from '@frameport/client/tcp'
import { contract, event, procedure, RpcError } from '@frameport/protocol'
import { assertQuiet, createMemoryPair, createVirtualClock } from '@frameport/testing'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { createClient as createBrowserClient } from '../src/browser.ts'
import { resolveReconnect } from '../src/reconnect-options.ts'

const tiny = contract('tiny', {
  version: 1,
  procedures: {
    ping: procedure({}),
    echo: procedure({ input: z.string(), output: z.string() }),
    items: procedure({ items: z.number() }),
  },
  events: { news: event(z.string()), changed: event(z.string(), { topic: z.string() }) },
})
/** A client whose server disappears when the connection is aborted, so that nothing waits. */
const connected = (options: object = {}) => {
  const { a, b } = createMemoryPair()
  const client = createClient(tiny, a, options)
  const leave = async () => {
    b.abort()
    await client.$connection.closed()
  }
  return { client, leave }
}
const url = 'tcp://127.0.0.1:1'
const refusal = (code: string, text: string) =>
  expect.objectContaining({ code, message: expect.stringContaining(text) })

const uncaught: unknown[] = []
const note = (error: unknown) => void uncaught.push(error)
beforeEach(() => void process.on('uncaughtException', note))
afterEach(() => {
  process.off('uncaughtException', note)
  expect(uncaught.splice(0)).toEqual([])
})

describe('a client is refused at once', () => {
  it.each([
    [null, 'options is null, not an object'],
    [5, 'options is 5, not an object'],
    [{ backend: 'zz' }, 'backend is "zz", not one of auto, iocp, io_uring, epoll, net'],
    [{ noDelay: 5 }, 'noDelay is 5, not a boolean'],
    [{ resetOnClose: 'no' }, 'resetOnClose is "no", not a boolean'],
    [{ keepAliveIdleMs: '5000' }, 'keepAliveIdleMs is "5000", not a whole number'],
    [{ completionPort: 5 }, 'completionPort is 5, not a CompletionPort'],
    [{ completionPort: {} }, 'completionPort is an object without the methods listen, connect, close'],
    [{ interceptors: 5 }, 'interceptors is 5, not an array of functions'],
    [{ interceptors: [null] }, 'interceptors[0] is null, not a function'],
    [{ handlers: 5 }, 'handlers is 5, not an object'],
    [{ middlewares: [] }, 'middlewares has no effect without handlers'],
    [{ handlers: {}, middlewares: 5 }, 'middlewares is 5, not an array of functions'],
    [{ handlers: {}, middlewares: [null] }, 'middlewares[0] is null, not a function'],
    [{ onHandlerFailed: 5 }, 'onHandlerFailed is 5, not a function'],
    [{ onContractDifferences: 5 }, 'onContractDifferences is 5, not a function'],
    [{ strict: 1 }, 'strict is 1, not a boolean'],
    [{ inheritDeadline: 'no' }, 'inheritDeadline is "no", not a boolean'],
    [{ auth: { since: Number.NaN } }, 'auth cannot be sent: '],
    [{ environment: {} }, 'environment is an object without the methods nowMs, setTimer, random'],
    [{ metadata: 5 }, 'metadata is 5, not an object'],
    [{ metadata: { a: 5 } }, 'metadata["a"] is 5, not a string'],
    [{ defaultDeadlineMs: '5' }, 'defaultDeadlineMs is "5", not a positive number of milliseconds'],
  ])('with the options %j', (options, text) => {
    expect(() => createClient(tiny, url, options as object)).toThrow(refusal('INVALID_OPTION', text))
    expect(() => createClient(tiny, createMemoryPair().a, options as object)).toThrow(
      refusal('INVALID_OPTION', text),
    )
  })

  it('with auth that cannot be sent, with the reason as the cause', () => {
    expect(() => createClient(tiny, createMemoryPair().a, { auth: { token: () => 'token' } })).toThrow(
      expect.objectContaining({
        code: 'INVALID_OPTION',
        cause: expect.objectContaining({ code: 'INVALID_BODY' }),
      }),
    )
  })

  it.each(['connectTimeoutMs', 'silentListenerMs'])(
    'with a %s above the maximum of a timer, and not at the maximum',
    async (name) => {
      const longest = 2 ** 31 - 1
      const limits = (ms: number) => ({ limits: { [name]: ms } })
      expect(() => createClient(tiny, createMemoryPair().a, limits(longest + 1))).toThrow(
        refusal('INVALID_LIMITS', `${name} is ${longest + 1}, over ${longest}`),
      )
      await connected(limits(longest)).leave()
    },
  )

  it.each([
    ['undefined', undefined],
    ['null', null],
    ['an object', {}],
    ['"tiny"', 'tiny'],
  ])('with %s as its contract', (shown, given) => {
    for (const create of [createClient, createBrowserClient]) {
      expect(() => create(given as never, createMemoryPair().a)).toThrow(
        refusal('INVALID_CONTRACT', `createClient needs a contract, not ${shown}`),
      )
    }
  })

  it.each([
    [null, 'options is null'],
    [{ bogus: 1 }, 'options has no "bogus"'],
    [{ timeoutMs: -1 }, 'options has no "timeoutMs"'],
    [{ backend: 5 }, 'backend is 5'],
  ])('by tcp() with the options %j', (options, text) => {
    expect(() => tcp(url, options as object)).toThrow(refusal('INVALID_OPTION', text))
  })
})

describe('the delays of reconnect', () => {
  it.each([
    [{ delayMaxMs: 50 }, { delayMs: 50, delayMaxMs: 50 }],
    [{ delayMs: 60_000 }, { delayMs: 60_000, delayMaxMs: 60_000 }],
    [
      { delayMs: 1, delayMaxMs: 50 },
      { delayMs: 1, delayMaxMs: 50 },
    ],
    [{}, { delayMs: 200, delayMaxMs: 30_000 }],
  ])('%j limit each other if one is left out', (given, expected) => {
    expect(resolveReconnect(given)).toMatchObject(expected)
  })
})

it.each([
  [{ reconnect: { delayMaxMs: 49 } }, 'reconnect.delayMaxMs is 49, less than the minimum of 50'],
  [{ resume: true, limits: { resumeBytes: 0 } }, 'resume is true but limits.resumeBytes is 0'],
  [{ offline: 'fail', reconnect: false }, "offline is 'fail', which has no effect with reconnect: false"],
  [{ offline: 'wait', reconnect: false }, "offline is 'wait', which has no effect with reconnect: false"],
] as const)('the options %j contradict each other, and are refused', (options, text) => {
  expect(() =>
    createClient(tiny, { url: 'test:there', connect: async () => createMemoryPair().a }, options),
  ).toThrow(refusal('INVALID_OPTION', text))
})

it('resume: true is refused for a connection that was given', () => {
  expect(() => createClient(tiny, createMemoryPair().a, { resume: true })).toThrow(
    refusal('INVALID_OPTION', 'resume is true, but this client never reconnects'),
  )
})

describe('a call with wrong options', () => {
  const wrong: readonly [unknown, string][] = [
    [null, 'options is null, not an object'],
    [5, 'options is 5, not an object'],
    [{ deadlineMS: 5 }, 'options has no "deadlineMS": did you mean deadlineMs?'],
    [{ deadlineMs: '5' }, 'deadlineMs is "5", not a number of milliseconds'],
    [{ deadlineMs: Number.NaN }, 'deadlineMs is NaN'],
    [{ signal: new AbortController() }, 'signal is an AbortController without the methods'],
    [{ signal: 5 }, 'signal is 5, not an AbortSignal'],
    [{ signal: null }, 'signal is null, not an AbortSignal'],
    [{ metadata: 5 }, 'metadata is 5, not an object'],
    [{ metadata: { a: 5 } }, 'metadata["a"] is 5, not a string'],
  ]
  const pass: Interceptor = (call, next) => next(call)

  it.each(wrong)('%o is not made, and only fails with INVALID_ARGUMENT', async (given, text) => {
    for (const interceptors of [[], [pass]]) {
      const clock = createVirtualClock()
      const pair = createMemoryPair({ clock })
      const client = createClient(tiny, pair.a, { environment: clock, interceptors })
      const options = given as object
      const expected = refusal('INVALID_ARGUMENT', `the call was not made: ${text}`)
      const calls: readonly (() => PromiseLike<unknown>)[] = [
        () => client.ping(options),
        () => client.echo('text', options),
        () => client.items(options).next(),
      ]
      for (const call of calls) {
        await expect(clock.until(call())).rejects.toEqual(expected)
        await expect(call()).rejects.toSatisfy(RpcError.is)
      }
      pair.b.abort()
      await clock.until(client.$close())
      assertQuiet(clock)
    }
  })

  it.each([
    [{ signal: 5 }, 'signal is 5'],
    [{ metadata: { a: 5 } }, 'metadata["a"] is 5'],
  ])('that an interceptor produced, %o, fails with INVALID_ARGUMENT', async (change, text) => {
    const interceptors: Interceptor[] = [(call, next) => next({ ...call, ...(change as object) })]
    const { client, leave } = connected({ interceptors })
    await expect(client.ping()).rejects.toEqual(refusal('INVALID_ARGUMENT', text))
    await expect(client.items().next()).rejects.toEqual(refusal('INVALID_ARGUMENT', text))
    await leave()
  })
})

describe('a method of a client', () => {
  it.each([
    [5, 'options is 5, not an object'],
    [null, 'options is null'],
    [{ grace: 5 }, 'options has no "grace"'],
    [{ graceMs: '5' }, 'graceMs is "5"'],
  ])('$close(%j) is refused, and closes nothing', async (options, text) => {
    const { client, leave } = connected()
    await expect(client.$close(options as object)).rejects.toEqual(refusal('INVALID_OPTION', text))
    expect(client.$connection.state).toBe('connecting')
    await leave()
  })

  it.each<[string, readonly unknown[], string?]>([
    ['news', []],
    ['changed', ['topic']],
    ['changed', ['topic', 5]],
    [
      'news',
      [{ topic: 1 }, () => undefined],
      "news has no topic, but one was given: call $on('news', listener)",
    ],
    ['changed', [() => undefined, 5], 'listener is 5, not a function'],
    ['changed', [() => undefined], "changed is missing: call $on('changed', topic, listener)"],
  ])('$on(%j, ...%j) is refused', async (name, args, text = 'not a function') => {
    const { client, leave } = connected()
    const listen = client.$on as unknown as (name: string, ...args: unknown[]) => void
    expect(() => listen(name, ...args)).toThrow(refusal('INVALID_OPTION', text))
    await leave()
  })
})
