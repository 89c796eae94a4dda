import { contract, procedure, RpcError } from '@frameport/protocol'
import { implement, runHandler } from '@frameport/server'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { handlerFacts } from '../support/handler-facts.ts'

const shop = contract('shop', {
  version: 1,
  procedures: {
    ping: procedure({ output: z.string() }),
    stock: { count: procedure({ output: z.number() }), deep: { list: procedure({ items: z.string() }) } },
  },
})
const impl = implement(shop)

type Bindings = { readonly bindings: ReadonlyMap<string, Parameters<typeof runHandler>[0]> }
function call({ bindings }: Bindings, path: string, context: unknown = {}) {
  const { signal } = new AbortController()
  const facts = {
    context,
    signal,
    ...handlerFacts,
    deadlineAtMs: undefined,
    remainingMs: () => undefined,
    metadata: {},
  }
  return runHandler(bindings.get(path)!, facts, { kind: 'none' })
}

const list = async function* () {
  yield 'a'
}

describe('A part of an implementation', () => {
  it('is made for a group, a nested group or a procedure, each with its own middlewares', async () => {
    const seen: string[] = []
    const mark =
      (name: string) =>
      async ({ next }: { next: () => Promise<never> }) => {
        seen.push(name)
        return next()
      }
    const stock = impl.at('stock').use(mark('stock') as never)
    const deep = stock.at('deep').use(mark('deep') as never)
    const count = stock
      .at('count')
      .use(mark('count') as never)
      .handler(() => 3)
    const done = impl.handlers({
      ping: impl.at('ping').handler(() => 'pong'),
      stock: stock.handlers({ count, deep: deep.handlers({ list: deep.at('list').handler(list) }) }),
    })
    expect([...done.bindings.keys()]).toEqual(['ping', 'stock.count', 'stock.deep.list'])
    expect(await call(done, 'ping')).toBe('pong')
    expect(seen).toEqual([])
    expect(await call(done, 'stock.count')).toBe(3)
    expect(seen.splice(0)).toEqual(['stock', 'count'])
    await call(done, 'stock.deep.list')
    expect(seen).toEqual(['stock', 'deep'])
    expect(done.bindings.get('stock.deep.list')?.called).toEqual({
      contract: 'shop',
      path: 'stock.deep.list',
      fullName: 'shop/stock.deep.list',
      callKind: 'server-stream',
      idempotent: false,
    })
  })

  it('has the same result with handlers as the second argument of at() and with the method handlers()', () => {
    const stock = { count: () => 1, deep: { list } }
    const parts = [impl.at('stock', stock), impl.at('stock').handlers(stock)]
    expect(parts.map((part) => (part as unknown as Bindings & { kind: string }).kind)).toEqual([
      'handlerPart',
      'handlerPart',
    ])
    expect(impl.at('ping')).not.toHaveProperty('at')
    expect(impl.at('stock')).not.toHaveProperty('handler')
  })

  const loose = impl as unknown as {
    at(
      name: string,
      handlers?: unknown,
    ): { use(middleware: unknown): unknown; handler(handler: unknown): unknown }
    use(middleware: unknown): unknown
    handlers(handlers: unknown): unknown
  }
  it.each<[string, () => unknown, string]>([
    [
      'at a path that the contract does not have',
      () => loose.at('sotck'),
      'shop has no "sotck": did you mean stock?',
    ],
    [
      'at a path named like a member of Object.prototype',
      () => loose.at('toString'),
      'shop has no "toString"',
    ],
    [
      'of null as a handler',
      () => loose.at('ping').handler(null),
      'shop/ping needs a function as its handler, not null',
    ],
    [
      'of undefined as a handler',
      () => loose.at('ping').handler(undefined),
      'shop/ping needs a function as its handler, not undefined',
    ],
    [
      'of undefined in place of handlers',
      () => loose.handlers(undefined),
      'shop needs an object of handlers, but was given undefined, not an object',
    ],
    [
      'of null in place of handlers',
      () => loose.at('stock', null),
      'shop/stock needs an object of handlers, but was given null, not an object.',
    ],
    [
      'of a string in place of handlers',
      () => loose.at('stock', 'x'),
      'shop/stock needs an object of handlers, but was given "x", not an object.',
    ],
    [
      'of a function in place of handlers',
      () => loose.at('stock', list),
      'shop/stock needs an object of handlers, but was given a function, not an object.',
    ],
    [
      'with an extra handler',
      () => loose.at('stock', { count: list, deep: { list }, more: 1 }),
      'shop/stock has no "more"',
    ],
    ['with a number as a middleware', () => loose.use(5), 'use() of shop needs a function, not 5.'],
    [
      'with an object as a middleware of a part',
      () => loose.at('stock').use({}),
      'use() of shop/stock needs a function, not ',
    ],
    [
      'with null for a handler',
      () => loose.handlers({ ping: null, stock: {} }),
      'shop/ping needs a function',
    ],
  ])('is refused if it is made %s', (_, make, text) => {
    expect(make).toThrow(
      expect.objectContaining({ code: 'INVALID_CONTRACT', message: expect.stringContaining(text) }),
    )
  })
})

describe('A middleware', () => {
  const ping = () => 'pong'
  const rest = { stock: { count: () => 1, deep: { list } } }
  type Loose = (facts: {
    next: (more?: unknown) => Promise<{ output: unknown }>
    context: unknown
  }) => unknown
  const withMiddleware = (middleware: Loose) =>
    impl.use(middleware as never).handlers({ ping, ...rest } as never) as unknown as Bindings

  it.each<[string, Loose, string]>([
    ['calls next() twice', async ({ next }) => (await next()) && next(), 'called next() twice'],
    ['returns nothing', () => undefined, 'did not return what next() gave'],
    ['returns null', () => null, 'did not return what next() gave'],
    [
      'returns the output itself',
      async ({ next }) => (await next()).output,
      'did not return what next() gave',
    ],
    ['returns a function', () => Object.assign(() => 1, { output: 1 }), 'did not return what next() gave'],
  ])('that %s fails the call with INTERNAL', async (_, middleware, text) => {
    await expect(call(withMiddleware(middleware), 'ping')).rejects.toMatchObject({
      code: 'INTERNAL',
      message: expect.stringContaining(`a middleware of shop/ping ${text}`),
    })
  })

  it('cannot call next() after its answer, when nothing would wait for the handler', async () => {
    let late: (() => Promise<unknown>) | undefined
    const bindings = withMiddleware(({ next }) => {
      late = async () => next()
      return { output: 'mine' }
    })
    expect(await call(bindings, 'ping')).toBe('mine')
    await expect(late?.()).rejects.toMatchObject({
      code: 'INTERNAL',
      message: expect.stringContaining('a middleware of shop/ping called next() after its answer'),
    })
  })

  it('can extend a context that is a plain object, and no other', async () => {
    const seen: unknown[] = []
    const add: Loose = ({ next }) => next({ context: { role: 'root' } })
    const look: Loose = ({ next, context }) => {
      seen.push(context)
      return next()
    }
    const done = impl
      .use(add as never)
      .use(look as never)
      .handlers({ ping, ...rest } as never) as unknown as Bindings
    expect(await call(done, 'ping', { user: 'Ada' })).toBe('pong')
    expect(seen).toEqual([{ user: 'Ada', role: 'root' }])
    for (const context of [new Date(), null, [], 'text']) {
      await expect(call(done, 'ping', context)).rejects.toMatchObject({
        code: 'INTERNAL',
        message: expect.stringContaining('the context of shop/ping is not a plain object'),
      })
    }
  })
})

describe('The handler of a stream', () => {
  it.each<[string, unknown]>([
    ['nothing', undefined],
    ['null', null],
    ['a string', 'abc'],
    ['a number', 5],
    ['an array', ['a']],
    ['a function with the method', Object.assign(() => 1, { [Symbol.asyncIterator]: list })],
  ])('fails with INTERNAL if it returns %s', async (_, given) => {
    const done = impl.handlers({
      ping: () => 'pong',
      stock: { count: () => 1, deep: { list: () => given as never } },
    })
    const error = await call(done, 'stock.deep.list').catch((failure: unknown) => failure)
    expect(error).toMatchObject({
      code: 'INTERNAL',
      message: expect.stringMatching(
        /^the handler of shop\/stock\.deep\.list did not return an AsyncIterable: .*`async \*`/,
      ),
    })
    expect(RpcError.is(error)).toBe(true)
  })
})
