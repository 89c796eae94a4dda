import { getEventListeners } from 'node:events'
import { ProtocolError, procedure, RpcError, type Schema } from '@frameport/protocol'
import type { CallEnd, ErasedMiddleware, Upload } from '@frameport/protocol/serving'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { bodyOf, failureOf, served } from '../support/served-call.ts'

const unary = procedure({ output: z.number(), errors: { FULL: z.number() } })
const stream = procedure({ items: z.number() })
const upload = procedure({ upload: z.number(), output: z.number() })

const never = new Promise<never>(() => undefined)
const boom = new Error('boom')
const gone = new RpcError('CANCELLED', 'the caller has left')
type Uploading = { readonly upload: Upload<number> }

/** Items from an iterator of a test. */
const itemsOf = (iterator: object) => () => ({ [Symbol.asyncIterator]: () => iterator })
/** Gives an item that does not fit its schema. */
const wrongItem = async () => ({ done: false, value: 'x' })

/** Validates as `schema` does, but asynchronously. */
function later<S extends Schema>(schema: S): S {
  const standard = schema['~standard']
  return { '~standard': { ...standard, validate: async (value: unknown) => standard.validate(value) } } as S
}

describe('a call is answered', () => {
  it('in the same turn when its handler returns a value', () => {
    expect(served(unary, () => 7).sent).toEqual([['respond', bodyOf(7)]])
  })

  it('in the same turn when its handler throws', () => {
    const call = served(unary, () => {
      throw boom
    })
    expect(failureOf(call).code).toBe('INTERNAL')
  })

  it.each([
    ['a promise', async () => 7],
    // biome-ignore lint/suspicious/noThenProperty: it is what is tested.
    ['a thenable that is not a promise', () => ({ then: (given: (value: number) => void) => given(7) })],
  ])('after %s of its handler has settled', async (_what, handler) => {
    const call = served(unary, handler)
    expect(call.sent).toEqual([])
    await call.answered
    expect(call.sent).toEqual([['respond', bodyOf(7)]])
  })

  const throwing = {
    get: () => {
      throw boom
    },
  }
  const tampered = (member: string) => Object.defineProperty(Promise.resolve(7), member, throwing)
  const revoked = () => {
    const { proxy, revoke } = Proxy.revocable({}, {})
    revoke()
    return proxy
  }
  it.each([
    ['whose then cannot be read', () => Object.defineProperty({}, 'then', throwing)],
    ['that is a revoked proxy', revoked],
    ['that is a promise whose then cannot be read', () => tampered('then')],
    ['that is a promise whose constructor cannot be read', () => tampered('constructor')],
  ])('with one failure when the handler returns something %s', async (_what, handler) => {
    const call = served(unary, handler)
    await call.answered
    expect(failureOf(call).code).toBe('INTERNAL')
    expect(call.ended).toHaveLength(1)
  })

  it('after a function with a then has settled', async () => {
    const call = served(unary, () =>
      // biome-ignore lint/suspicious/noThenProperty: it is what is tested.
      Object.assign(() => 0, { then: (given: (value: number) => void) => given(7) }),
    )
    await call.answered
    expect(call.sent).toEqual([['respond', bodyOf(7)]])
  })

  it('with a failure when the handler returns a thenable that throws', async () => {
    const call = served(unary, () => ({
      // biome-ignore lint/suspicious/noThenProperty: it is what is tested.
      then() {
        throw boom
      },
    }))
    await call.answered
    expect(failureOf(call).code).toBe('INTERNAL')
  })
})

describe('an asynchronous schema is awaited', () => {
  const number = later(z.number())

  it('for an input and for an output', async () => {
    const increment = ({ input }: { readonly input: number }) => input + 1
    const call = served(procedure({ input: number, output: number }), increment, { input: bodyOf(4) })
    await call.answered
    expect(call.sent).toEqual([['respond', bodyOf(5)]])
  })

  it('for each item that is sent', async () => {
    const call = served(procedure({ items: number }), async function* () {
      yield* [1, 2]
    })
    await call.answered
    expect(call.sent).toEqual([['item', bodyOf(1)], ['item', bodyOf(2)], ['end']])
  })

  it('for each item that is received', async () => {
    const call = served(
      procedure({ upload: number, output: z.number() }),
      async ({ upload: items }: Uploading) => {
        let sum = 0
        for await (const item of items) sum += item
        return sum
      },
    )
    call.item(bodyOf(3), 1)
    call.item(bodyOf(4), 1)
    call.endOfItems()
    await call.answered
    expect(call.sent).toContainEqual(['respond', bodyOf(7)])
  })

  it('for the data of a failure', async () => {
    const full = later(z.object({ free: z.number() }))
    const call = served(procedure({ errors: { FULL: full } }), () => {
      throw new RpcError('FULL', 'no seat', { data: { free: 0, secret: 1 } })
    })
    await call.answered
    expect(failureOf(call)).toMatchObject({ code: 'FULL', message: 'no seat' })
    expect(failureOf(call).data).toEqual({ free: 0 })
  })
})

describe('an answered call leaves no listener on its signal', () => {
  const watching: ErasedMiddleware = ({ next }) => next({ onItem() {}, onEnd() {} })
  const listeners = async (call: ReturnType<typeof served>) => {
    call.endOfItems()
    await call.answered
    await call.done
    return getEventListeners(call.controller.signal, 'abort')
  }

  it.each<[string, () => ReturnType<typeof served>]>([
    ['a call with an observer', () => served(unary, () => 1, { middlewares: [watching] })],
    [
      'a stream',
      () =>
        served(stream, async function* () {
          yield 1
        }),
    ],
    ['a stream that failed', () => served(stream, itemsOf({ next: () => Promise.reject(boom) }))],
    [
      'an upload that was read to its end',
      () =>
        served(upload, async ({ upload: items }: Uploading) => {
          for await (const _ of items);
          return 1
        }),
    ],
    [
      'an upload that its handler left',
      () =>
        served(upload, async ({ upload: items }: Uploading) => {
          void items.next()
          return 1
        }),
    ],
  ])('%s', async (_, make) => {
    expect(await listeners(make())).toEqual([])
  })
})

describe('a producer', () => {
  it('that does not stop does not delay the failure for an item that does not fit', async () => {
    const call = served(stream, itemsOf({ next: wrongItem, return: () => never }))
    await call.answered
    expect(failureOf(call)).toMatchObject({ code: 'INTERNAL', cause: { code: 'INVALID_OUTPUT' } })
    expect(call.ended).toEqual([expect.any(Promise)])
  })

  it('that fails while it is closed is logged, unless it has no return() or a middleware replaced it', async () => {
    const failing = { next: wrongItem, return: () => Promise.reject(boom) }
    const without = { next: wrongItem }
    const replaced: ErasedMiddleware = async () => ({ output: itemsOf(without)() })
    const calls = [
      served(stream, itemsOf(failing)),
      served(stream, itemsOf(without)),
      served(stream, itemsOf(failing), { middlewares: [replaced] }),
    ]
    for (const call of calls) {
      await call.answered
      await call.ended[0]
    }
    const left = 'a producer failed while it was being closed'
    expect(calls.map(({ log }) => log.filter(({ text }) => text === left))).toEqual([
      [{ level: 'debug', facts: { call: 7, err: boom }, text: left }],
      [],
      [],
    ])
  })

  it('that throws is not closed with return()', async () => {
    const asked: string[] = []
    const source = { next: () => Promise.reject(boom), return: async () => void asked.push('return') }
    const call = served(stream, itemsOf(source))
    await call.answered
    expect(failureOf(call).cause).toBe(boom)
    expect(asked).toEqual([])
    expect(call.ended).toEqual([undefined])
  })

  it('that ends its own call while it makes an item is not awaited', async () => {
    const source = {
      next() {
        call.controller.abort(gone)
        return never
      },
      return: async () => ({ done: true as const, value: undefined }),
    }
    const call = served(stream, itemsOf(source))
    await call.answered
    expect(failureOf(call).code).toBe('CANCELLED')
  })

  it('is not asked for an item when the caller leaves before there is room for one', async () => {
    const asked: string[] = []
    let leave: (reason: unknown) => void = () => undefined
    const room = new Promise<void>((_, reject) => {
      leave = reject
    })
    const call = served(stream, itemsOf({ next: async () => void asked.push('next') }), {
      call: { canSendItem: false, ready: () => room },
    })
    await Promise.resolve()
    call.controller.abort(gone)
    leave(gone)
    await call.answered
    expect(asked).toEqual([])
    expect(failureOf(call).code).toBe('CANCELLED')
  })
})

describe('a middleware that watches a call', () => {
  it('may watch only its items', async () => {
    const seen: unknown[] = []
    const watching: ErasedMiddleware = ({ next }) => next({ onItem: (item) => void seen.push(item) })
    const source = async function* () {
      yield* [1, 2]
    }
    const call = served(stream, source, { middlewares: [watching] })
    await call.answered
    expect(seen).toEqual([1, 2])
    expect(call.log).toEqual([])
  })

  it('sees no item after the end of the call', async () => {
    const seen: unknown[] = []
    const ends: CallEnd[] = []
    const watching: ErasedMiddleware = ({ next }) =>
      next({ onItem: (item) => void seen.push(item), onEnd: (end) => void ends.push(end) })
    const source = async function* () {
      yield 1
    }
    const call = served(stream, source, {
      middlewares: [watching],
      // This happens when the connection ends with the item.
      call: { sendItem: () => call.controller.abort(gone) },
    })
    await call.done
    expect(seen).toEqual([])
    expect(ends).toEqual([{ outcome: 'left', items: 0, error: gone }])
  })
})

describe('the log', () => {
  const throwing = (error: unknown) => () => {
    throw error
  }

  it('has the output that does not fit, with the issues of its schema as the cause', async () => {
    const call = served(unary, () => 'one')
    await call.answered
    expect(failureOf(call)).toMatchObject({ code: 'INTERNAL', data: undefined })
    const [line] = call.log
    expect(line?.level).toBe('error')
    expect(line?.facts.err).toMatchObject({
      code: 'INVALID_OUTPUT',
      message: expect.stringContaining('the output of shop/buy is not valid'),
      cause: { code: 'INTERNAL', data: { issues: [{ path: '' }] } },
    })
  })

  it.each<[string, unknown, RegExp]>([
    [
      'that is not declared',
      new RpcError('OUT_OF_MILK', 'x'),
      /"OUT_OF_MILK", which shop\/buy does not declare/,
    ],
    ['of the standard codes', new RpcError('INTERNAL', 'x'), /^a handler failed$/],
    [
      'that is declared, in an error that cannot be read',
      Object.defineProperty(new RpcError('FULL', 'x'), 'data', { get: throwing(boom) }),
      /^a handler failed$/,
    ],
    [
      'of an error that is not an RpcError',
      Object.assign(new Error('x'), { code: 'OUT_OF_MILK' }),
      /^a handler failed$/,
    ],
  ])('describes what is wrong with a code %s', async (_, error, text) => {
    const call = served(unary, throwing(error))
    await call.answered
    expect(call.log).toEqual([
      { level: 'error', facts: { call: 7, code: 'INTERNAL', err: error }, text: expect.stringMatching(text) },
    ])
  })

  it('has no error for a failure after its caller has left', async () => {
    const call = served(unary, async () => {
      await Promise.resolve()
      call.controller.abort(gone)
      throw boom
    })
    await call.answered
    expect(call.log.map(({ level, facts }) => [level, facts.err])).toEqual([['debug', boom]])
  })

  it('has a warning for a failed one-way call, because nobody else learns of it', async () => {
    const call = served(procedure({ oneWay: true }), throwing(new RpcError('NOT_FOUND', 'x')))
    await call.answered
    expect(call.log.map(({ level, text }) => [level, text])).toEqual([
      ['warn', 'a call without an answer failed'],
    ])
  })

  it('has an error for an answer without a JSON form, and none for one over the limit of its caller', async () => {
    const tooLong = new RpcError('RESOURCE_EXHAUSTED', 'too long')
    const formless = new RpcError('INTERNAL', 'x', { cause: new ProtocolError('INVALID_BODY', 'no form') })
    const levels: unknown[] = []
    for (const unsendable of [tooLong, formless]) {
      const told: unknown[] = []
      const call = served(unary, () => 1, {
        call: { respond: (_body, owner) => void told.push(owner?.unsendable(unsendable).code) },
      })
      await call.done
      levels.push([told, call.log.map(({ level }) => level)])
    }
    expect(levels).toEqual([
      [['RESOURCE_EXHAUSTED'], ['debug']],
      [['INTERNAL'], ['error']],
    ])
  })
})
