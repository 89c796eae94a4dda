import { createClient, isErrorOf, safe } from '@frameport/client'
import { contract, procedure, RpcError } from '@frameport/protocol'
import { implement } from '@frameport/server'
import { createMemoryPair, createVirtualClock } from '@frameport/testing'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { startedPair } from './started-pair.ts'

const shop = contract('shop', {
  version: 1,
  procedures: {
    buy: procedure({ errors: { CLOSED: z.object({ until: z.string() }) } }),
    watch: procedure({ items: z.number(), errors: { CLOSED: z.object({ until: z.string() }) } }),
  },
})
const never = (signal: AbortSignal) =>
  new Promise<never>((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)))
const open = () =>
  implement(shop).handlers({
    buy: ({ signal }) => never(signal),
    async *watch({ signal }) {
      yield await never(signal)
    },
  })

async function failureOf(promise: Promise<unknown>): Promise<RpcError> {
  const failure = await promise.then(
    () => undefined,
    (error: unknown) => error,
  )
  if (!RpcError.is(failure)) throw new Error('no RpcError')
  return failure
}

describe('A connection that the context refuses', () => {
  const refusedWith = (error: RpcError) =>
    startedPair(shop, open(), {
      server: {
        context: () => {
          throw error
        },
      },
    })

  it('with its own code rejects opened() with that code and its data, and calls with UNKNOWN and that error as the cause', async () => {
    // The procedure also declares this code, with another meaning.
    const refusal = new RpcError('CLOSED', 'we are moving', { data: { to: 'tcp://b' }, retryAfterMs: 9 })
    const { client, run, close } = await refusedWith(refusal)
    const expected = { code: 'CLOSED', message: 'we are moving', data: { to: 'tcp://b' }, retryAfterMs: 9 }
    expect(await run(failureOf(client.$connection.opened()))).toMatchObject(expected)
    for (const call of [() => client.buy(), () => client.watch().next()]) {
      expect(await run(failureOf(call()))).toMatchObject({
        code: 'UNKNOWN',
        message: 'the server refused the connection with CLOSED: we are moving',
        retryAfterMs: 9,
        maybeExecuted: false,
        cause: expected,
      })
    }
    await close()
  })

  it('with a standard code rejects opened() and calls with that code', async () => {
    const { client, run, close } = await refusedWith(new RpcError('UNAUTHENTICATED', 'who are you?'))
    const expected = { code: 'UNAUTHENTICATED', message: 'who are you?' }
    expect(await run(failureOf(client.$connection.opened()))).toMatchObject(expected)
    expect(await run(failureOf(client.buy()))).toMatchObject(expected)
    await close()
  })

  it.each([
    ['cannot be encoded', { at: 5n }],
    ['are longer than the limit of the client', 'x'.repeat(5_000_000)],
  ])('with data that %s is refused without the data', async (_, data) => {
    const { client, run, close } = await refusedWith(new RpcError('MOVING', 'soon', { data }))
    const error = await run(failureOf(client.$connection.opened()))
    expect(error).toMatchObject({ code: 'MOVING', message: 'soon' })
    expect(error.data).toBeUndefined()
    await close()
  })
})

it('after $close() of the client, open calls, streams and later calls fail with a message that says so', async () => {
  const { client, run, clock, close } = await startedPair(shop, open())
  await run(client.$connection.opened())
  const failing = [failureOf(client.buy()), failureOf(client.watch().next())]
  await clock.settle()
  const closing = client.$close({ graceMs: 0 })
  const later = failureOf(client.buy())
  const ended = 'this client was closed by $close() before the call ended'
  for (const error of await run(Promise.all(failing))) {
    expect(error).toMatchObject({ code: 'UNAVAILABLE', message: ended, maybeExecuted: true })
  }
  const notSent = 'this client was closed by $close(): the call was not sent'
  expect(await run(later)).toMatchObject({ code: 'UNAVAILABLE', message: notSent, maybeExecuted: false })
  await run(closing)
  expect(await run(failureOf(client.buy()))).toMatchObject({ code: 'UNAVAILABLE', message: notSent })
  await close()
})

describe('A peer that is not a Frameport server', () => {
  function stranger() {
    const clock = createVirtualClock()
    const { a, b } = createMemoryPair({ clock })
    b.start({
      data: () => undefined,
      end: () => undefined,
      close: () => undefined,
      drain: () => undefined,
    } as never)
    return { clock, a, b }
  }

  it.each([
    ['HTTP/1.1 400 Bad Request\r\n\r\n', 'this looks like an HTTP server'],
    ['SSH-2.0-OpenSSH_9.6\r\n', 'this looks like an SSH server'],
  ])('is identified at the start of the messages of calls and opened(): %j', async (said, named) => {
    const { clock, a, b } = stranger()
    const client = createClient(shop, a, { environment: clock })
    const [call, opened] = [failureOf(client.buy()), failureOf(client.$connection.opened())]
    b.send([new TextEncoder().encode(said)])
    for (const error of await clock.until(Promise.all([call, opened]))) {
      expect(error.code).toBe('UNAVAILABLE')
      expect(error.message.startsWith(named)).toBe(true)
      expect(JSON.stringify(error)).not.toContain('raise frameBytesMax')
    }
    b.abort()
    await clock.until(client.$connection.closed())
  })

  it.each([
    [0, 10_000],
    [6_000, 10_000],
  ])(
    'and sends nothing fails calls and opened() within connectTimeoutMs, if it is connected after %i ms',
    async (connectMs, atMs) => {
      const { clock, a, b } = stranger()
      const connect = () => new Promise<typeof a>((resolve) => clock.setTimer(connectMs, () => resolve(a)))
      const client = createClient(shop, { url: 'pipe:x', connect }, { environment: clock })
      const failedAtMs = async (promise: Promise<unknown>) => {
        const error = await failureOf(promise)
        expect(error.message).toContain('did not complete the handshake within 10000 ms')
        return clock.nowMs()
      }
      const failing = [failedAtMs(client.buy()), failedAtMs(client.$connection.opened())]
      expect(await clock.until(Promise.all(failing))).toEqual([atMs, atMs])
      b.abort()
      await clock.until(client.$connection.closed())
      expect(clock.timers).toEqual([])
    },
  )
})

describe('isErrorOf', () => {
  const failing = () =>
    implement(shop).handlers({
      buy: ({ errors }) => {
        throw errors.CLOSED({ until: 'noon' })
      },
      // biome-ignore lint/correctness/useYield: it fails first
      async *watch({ errors }) {
        throw errors.CLOSED({ until: 'dawn' })
      },
    })

  it('recognises errors of calls and streams of the procedure, and no others', async () => {
    const { client, run, close } = await startedPair(shop, failing())
    const { buy, watch } = shop.procedures
    const ofBuy: unknown = await run(failureOf(client.buy()))
    const ofWatch: unknown = await run(failureOf(client.watch().next()))
    const refused: unknown = await run(failureOf(client.buy({ deadlineMs: 'x' as never })))
    expect([ofBuy, ofWatch, refused].map((error) => isErrorOf(buy, error))).toEqual([true, false, true])
    expect([ofBuy, ofWatch, refused].map((error) => isErrorOf(watch, error))).toEqual([false, true, false])
    if (!isErrorOf(watch, ofWatch) || ofWatch.code !== 'CLOSED') throw new Error('not narrowed')
    expect(ofWatch.data.until).toBe('dawn')
    const { error } = await run(safe(client.buy()))
    expect(isErrorOf(buy, error)).toBe(true)
    const others = [new RpcError('CLOSED', 'x', { data: {} }), new Error('x'), 'x', null, undefined]
    expect(others.some((other) => isErrorOf(buy, other))).toBe(false)
    await close()
  })
})

it('a handler that passes on a failure of another server reveals its code to the client, but no other part of it', async () => {
  const inner = new RpcError('NOT_FOUND', 'no secret/thing at tcp://10.0.0.7:1', {
    procedure: 'secret/find',
    data: { hidden: true },
    retryAfterMs: 70,
  })
  const own = new RpcError('CLOSED', 'secret/find: closed', {
    procedure: 'secret/find',
    data: { until: 'noon' },
  })
  for (const [thrown, data] of [
    [inner, undefined],
    [own, { until: 'noon' }],
  ] as const) {
    const { client, run, log, close } = await startedPair(
      shop,
      implement(shop).handlers({
        buy: () => {
          throw thrown
        },
        async *watch() {
          yield 1
        },
      }),
    )
    const error = await run(failureOf(client.buy()))
    const { code, retryAfterMs } = thrown
    expect(error).toMatchObject({ code, procedure: 'shop/buy' })
    expect([error.data, error.retryAfterMs]).toEqual([data, retryAfterMs])
    expect(error.message).toMatch(/^A call that the handler made has failed\. .* under c\d+\/\d+\.$/)
    expect(JSON.stringify(error)).not.toMatch(/secret|10\.0\.0\.7|hidden/)
    expect(log).toContainEqual(
      expect.objectContaining({ level: 'warn', facts: expect.objectContaining({ err: thrown }) }),
    )
    await close()
  }
})
