import { contract, procedure, type RpcError } from '@frameport/protocol'
import type { OutgoingCallEvents, Session } from '@frameport/protocol/session'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { CallsOfSignals } from '../../src/calling/calls-of-signals.ts'
import { ItemStream } from '../../src/calling/item-stream.ts'
import { callOnce, unaryCalls } from '../../src/calling/unary-call.ts'

const numbers = contract('numbers', {
  version: 1,
  procedures: { one: procedure({ output: z.number() }), items: procedure({ items: z.number() }) },
})
const entryOf = (path: string) => numbers.procedureEntries.get(path)!

/** A signal of some library whose removeEventListener throws. */
const signal = {
  aborted: false,
  addEventListener() {},
  removeEventListener() {
    throw new Error('not today')
  },
}
const intercepted = { input: undefined, metadata: {}, signal } as never

/** Services over a session that settles each call in a microtask, and records what the callback then throws. */
function played() {
  const thrown: unknown[] = []
  const settle = (events: OutgoingCallEvents) => {
    try {
      events.settled(undefined, { kind: 'value', value: 1 })
    } catch (error) {
      thrown.push(error)
    }
  }
  const session = {
    call(_: unknown, events: OutgoingCallEvents) {
      queueMicrotask(() => settle(events))
      return { grant: () => undefined, keep: () => undefined, cancel: () => undefined }
    },
  } as unknown as Session
  const services = {
    session,
    streamWindow: { items: 1_000, bytes: 1_000_000 },
    signals: new CallsOfSignals(),
    fingerprintToSend: () => undefined,
    hookFailed: () => undefined,
    explain: <E>(error: E) => error,
    explainMismatch: <E>(_entry: unknown, error: E) => error,
  }
  return { services, thrown }
}

it('a call settles although removing the listener of its signal throws, and the error is reported', async () => {
  const { services, thrown } = played()
  expect(await callOnce(unaryCalls(services, entryOf('one')), intercepted)).toBe(1)
  expect(thrown).toMatchObject([{ message: 'not today' }])
})

it('a stream ends although removing the listener of its signal throws, and the error is reported', async () => {
  const { services, thrown } = played()
  const stream = new ItemStream(services, entryOf('items'), intercepted)
  expect(await stream.next()).toEqual({ done: true, value: undefined })
  expect(thrown).toMatchObject([{ message: 'not today' }])
})

describe('a signal that throws', () => {
  const listening = {
    aborted: false,
    addEventListener() {
      throw new Error('not today')
    },
    removeEventListener() {},
  }
  const asked = {
    ...listening,
    get aborted(): boolean {
      throw new Error('do not ask')
    },
  }

  /** A session that settles each call with the reason of its cancel. */
  function cancelling() {
    const { services } = played()
    const session = {
      call: (_: unknown, events: OutgoingCallEvents) => ({
        grant: () => undefined,
        keep: () => undefined,
        cancel: (reason: RpcError) => events.settled(reason, { kind: 'none' }),
      }),
    } as unknown as Session
    return { ...services, session }
  }

  it.each([
    ['in addEventListener', listening, 'CANCELLED', 'its signal has no working addEventListener: not today'],
    ['in the getter of aborted', asked, 'INVALID_ARGUMENT', 'reading its signal threw: do not ask'],
  ])('%s cancels its call, unary or stream', async (_when, thrower, code, text) => {
    const call = { input: undefined, metadata: {}, signal: thrower } as never
    const failure = { code, message: expect.stringContaining(text) }
    const services = cancelling()
    await expect(callOnce(unaryCalls(services, entryOf('one')), call)).rejects.toMatchObject(failure)
    await expect(new ItemStream(services, entryOf('items'), call).next()).rejects.toMatchObject(failure)
  })
})
