import { type CallOptions, createClient, type Interceptor, type StreamCallOptions } from '@frameport/client'
import { contract, procedure, RpcError } from '@frameport/protocol'
import type { IncomingCall } from '@frameport/protocol/session'
import { describe, expect, it, onTestFinished } from 'vitest'
import { z } from 'zod'
import { playedSession } from './support/played-session.ts'

const numbers = contract('numbers', {
  version: 1,
  procedures: { ping: procedure({}), watch: procedure({ items: z.number() }) },
})

const item = (value: number) => ({ kind: 'value', value }) as const

/** A client, and a session that plays its server: the test acts as the handlers. */
async function played(interceptors: readonly Interceptor[] = []) {
  const calls: IncomingCall[] = []
  const { clock, connection, session } = playedSession([numbers.announcement], {
    handlers: { call: (call) => void calls.push(call) },
  })
  const client = createClient(numbers, connection, { environment: clock, interceptors })
  await clock.until(client.$connection.opened())
  onTestFinished(async () => {
    await clock.until(Promise.all([client.$close({ graceMs: 0 }), session.close({ graceMs: 0 })]))
  })
  /** The outcome of a promise after everything under way has arrived. */
  const outcomeOf = (promise: Promise<unknown>) => {
    let outcome = 'pending'
    promise.then(
      () => (outcome = 'settled'),
      (error: RpcError) => (outcome = error.code),
    )
    return async () => {
      await clock.settle()
      return outcome
    }
  }
  return { clock, client, calls, outcomeOf }
}

describe('started() of a stream', () => {
  it('makes the call, settles when its handler has begun, and reads nothing', async () => {
    const { client, calls, outcomeOf, clock } = await played()
    const stream = client.watch()
    const started = outcomeOf(stream.started())
    expect([await started(), calls.length]).toEqual(['pending', 1])
    calls[0]?.handlerStarted()
    expect(await started()).toBe('settled')
    calls[0]?.sendItem(item(7))
    expect(await clock.until(stream.next())).toEqual({ done: false, value: 7 })
    await stream.return()
    expect(await outcomeOf(stream.started())()).toBe('settled')
  })

  it('works for a call that is already made, before or long after its handler has begun', async () => {
    for (const isLate of [true, false]) {
      const { client, calls, outcomeOf, clock } = await played()
      const stream = client.watch()
      void stream.next()
      await clock.settle()
      if (!isLate) calls[0]?.handlerStarted()
      await clock.settle()
      const started = outcomeOf(stream.started())
      expect(await started()).toBe(isLate ? 'pending' : 'settled')
      calls[0]?.handlerStarted()
      expect(await started()).toBe('settled')
      calls[0]?.end()
      await clock.settle()
    }
  })

  it.each([
    ['the first item', (call: IncomingCall) => call.sendItem(item(1)), 'settled'],
    ['the end', (call: IncomingCall) => call.end(), 'settled'],
    ['a failure', (call: IncomingCall) => call.fail(new RpcError('NOT_FOUND', 'no')), 'NOT_FOUND'],
  ])('is settled by %s, too', async (_, act, outcome) => {
    const { client, calls, outcomeOf, clock } = await played()
    const stream = client.watch()
    const started = outcomeOf(stream.started())
    await clock.settle()
    act(calls[0]!)
    expect(await started()).toBe(outcome)
    expect(await outcomeOf(stream.started())()).toBe(outcome)
    if (outcome === 'NOT_FOUND') await expect(stream.next()).rejects.toMatchObject({ code: 'NOT_FOUND' })
    expect(await outcomeOf(stream.started())()).toBe(outcome)
    await stream.return()
  })

  it('rejects with CANCELLED for a stream that was left, and for one whose signal was aborted', async () => {
    const { client, outcomeOf } = await played()
    const left = client.watch()
    const before = outcomeOf(left.started())
    await left.return()
    expect([await before(), await outcomeOf(left.started())()]).toEqual(['CANCELLED', 'CANCELLED'])
    const never = client.watch()
    await never.return()
    expect(await outcomeOf(never.started())()).toBe('CANCELLED')
    expect(await outcomeOf(client.watch({ signal: AbortSignal.abort() }).started())()).toBe('CANCELLED')
  })

  it('rejects for invalid options of the call', async () => {
    const { client, outcomeOf } = await played()
    for (const options of [{ windowItems: 0 }, { windowBytes: 1.5 }, { wrong: 1 }])
      expect(await outcomeOf(client.watch(options as StreamCallOptions).started())()).toBe('INVALID_ARGUMENT')
    expect(await outcomeOf(client.ping({ windowItems: 1 } as CallOptions))()).toBe('INVALID_ARGUMENT')
  })
})

const passing: Interceptor = (call, next) => next(call)
const lazily: Interceptor = async (call, next) =>
  (async function* () {
    yield* (await next(call)) as AsyncIterable<number>
  })()
const answering: Interceptor = async () =>
  (async function* () {
    yield 5
  })()
/** Tries once more if the first try yields no item. */
const again: Interceptor = async (call, next) =>
  (async function* () {
    try {
      yield* (await next(call)) as AsyncIterable<number>
    } catch {
      yield* (await next(call)) as AsyncIterable<number>
    }
  })()

describe('started() of a stream with interceptors', () => {
  it.each([
    ['that pass on the call', passing],
    ['that are generators', lazily],
  ])('%s waits for the call that they make, and no item is lost', async (_, interceptor) => {
    const { client, calls, outcomeOf, clock } = await played([interceptor])
    const stream = client.watch()
    const started = outcomeOf(stream.started())
    expect([await started(), calls.length]).toEqual(['pending', 1])
    calls[0]?.handlerStarted()
    expect(await started()).toBe('settled')
    for (const number of [1, 2]) calls[0]?.sendItem(item(number))
    const read = [await clock.until(stream.next()), await clock.until(stream.next())]
    expect(read.map(({ value }) => value)).toEqual([1, 2])
    await stream.return()
  })

  it('that answer by themselves settles with their first item', async () => {
    const { client, calls, outcomeOf, clock } = await played([answering])
    const stream = client.watch()
    expect([await outcomeOf(stream.started())(), calls.length]).toEqual(['settled', 0])
    expect(await clock.until(stream.next())).toEqual({ done: false, value: 5 })
  })

  it('that try again waits for the second try', async () => {
    const { client, calls, outcomeOf } = await played([again])
    const stream = client.watch()
    const started = outcomeOf(stream.started())
    await started()
    calls[0]?.fail(new RpcError('UNAVAILABLE', 'not now'))
    expect([await started(), calls.length]).toEqual(['pending', 2])
    calls[1]?.handlerStarted()
    expect(await started()).toBe('settled')
    await stream.return()
  })

  it.each([
    [
      'an error that an interceptor throws',
      () => Promise.reject(new RpcError('UNAUTHENTICATED', 'no')),
      'UNAUTHENTICATED',
    ],
    ['an error that is not an RpcError', () => Promise.reject(new Error('no')), 'UNKNOWN'],
    ['no items', async () => 5, 'INTERNAL'],
  ])('rejects for %s', async (_, interceptor, code) => {
    const { client, outcomeOf } = await played([interceptor])
    expect(await outcomeOf(client.watch().started())()).toBe(code)
  })

  it('rejects with the failure of the call, which the reader gets as well', async () => {
    const { client, calls, outcomeOf } = await played([passing])
    const stream = client.watch()
    const started = outcomeOf(stream.started())
    await started()
    calls[0]?.fail(new RpcError('NOT_FOUND', 'no'))
    expect(await started()).toBe('NOT_FOUND')
    await expect(stream.next()).rejects.toMatchObject({ code: 'NOT_FOUND' })
  })
})
