import { AsyncLocalStorage } from 'node:async_hooks'
import { contract, event, procedure, RpcError } from '@frameport/protocol'
import { type CallEnd, type CallObserver, type Implementation, implement } from '@frameport/server'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { testInEveryWorld } from './served-in.ts'
import { startedPair } from './started-pair.ts'

const shop = contract('shop', {
  version: 1,
  procedures: {
    add: procedure({ input: z.number(), output: z.number(), errors: { SOLD_OUT: z.number() } }),
    count: procedure({ input: z.number(), items: z.number(), errors: { SOLD_OUT: z.number() } }),
    wait: procedure({}),
    watch: procedure({ items: z.number() }),
    anything: procedure({ output: z.any() }),
  },
  events: { bell: event(z.string()) },
})

/** The end of a call in a form for comparison, with only the code of an error. */
const shown = ({ outcome, items, error }: CallEnd) => ({ outcome, items, code: error?.code })

interface Seen {
  /** The ends of calls, by procedure. */
  readonly ends: [string, ReturnType<typeof shown>][]
  readonly items: unknown[]
}

/** One middleware that observes every kind of call in the same way. */
function observed(observer: CallObserver = {}): { implementation: Implementation<object>; seen: Seen } {
  const seen: Seen = { ends: [], items: [] }
  const implementation = implement(shop)
    .use(({ procedure, next }) =>
      next({
        onItem: (item) => {
          seen.items.push(item)
          return observer.onItem?.(item)
        },
        onEnd: (end) => {
          seen.ends.push([procedure.path, shown(end)])
          observer.onEnd?.(end)
        },
      }),
    )
    .handlers({
      add({ input, errors }) {
        if (input === 0) throw errors.SOLD_OUT(0)
        if (input === 13) throw new Error('a defect')
        return input === 14 ? ('fourteen' as never) : input + 1
      },
      async *count({ input, errors }) {
        for (let item = 0; item < Math.abs(input); item++) yield item
        if (input < 0) throw errors.SOLD_OUT(input)
      },
      // Neither follows its signal, because the end of a call must not depend on handlers that do.
      wait: () => new Promise<void>(() => undefined),
      watch: () => ({ [Symbol.asyncIterator]: () => ({ next: () => new Promise(() => undefined) }) }),
      anything: () => 1n,
    })
  return { implementation, seen }
}

describe('One middleware observes unary calls and streams alike', () => {
  let seen: Seen
  const make = () => {
    const made = observed()
    seen = made.seen
    return made
  }

  testInEveryWorld('calls that complete', make, async ({ world, server }) => {
    const client = await world.connect(server, shop)
    await world.run(client.add(1))
    await world.run(
      (async () => {
        for await (const _ of client.count(40));
      })(),
    )
    await world.eventually('both have ended', () => seen.ends.length === 2)
    expect(seen.ends).toEqual([
      ['add', { outcome: 'completed', items: 0, code: undefined }],
      ['count', { outcome: 'completed', items: 40, code: undefined }],
    ])
    expect(seen.items).toEqual(Array.from({ length: 40 }, (_, item) => item))
  })

  testInEveryWorld('calls that fail', make, async ({ world, server }) => {
    const client = await world.connect(server, shop)
    await world.run(client.add(0).catch(() => undefined))
    await world.run(client.add(13).catch(() => undefined))
    await world.run(client.add(14).catch(() => undefined))
    await world.run(client.add('x' as never).catch(() => undefined))
    await world.run(
      (async () => {
        for await (const _ of client.count(-3));
      })().catch(() => undefined),
    )
    expect(seen.ends).toEqual([
      ['add', { outcome: 'failed', items: 0, code: 'SOLD_OUT' }],
      ['add', { outcome: 'failed', items: 0, code: 'INTERNAL' }],
      ['add', { outcome: 'failed', items: 0, code: 'INTERNAL' }],
      ['add', { outcome: 'failed', items: 0, code: 'INVALID_ARGUMENT' }],
      ['count', { outcome: 'failed', items: 3, code: 'SOLD_OUT' }],
    ])
  })

  testInEveryWorld(
    'calls that their client leaves, even if their handlers do not stop',
    make,
    async (served) => {
      const { world, server } = served
      const client = await world.connect(server, shop)
      await world.run(client.$connection.opened())
      const expired = client.wait({ deadlineMs: 1_000 }).catch(() => undefined)
      await world.eventually('it runs', () => server.stats().handlersInFlight === 1)
      await world.run(expired)
      const controller = new AbortController()
      const waiting = client.wait({ signal: controller.signal }).catch(() => undefined)
      const watched = (async () => {
        for await (const _ of client.watch({ signal: controller.signal }));
      })().catch(() => undefined)
      // Including the call whose deadline has passed, which does not stop.
      await world.eventually('all three run', () => server.stats().handlersInFlight === 3)
      controller.abort()
      await world.run(Promise.all([waiting, watched]))
      for (const path of ['wait', 'watch']) {
        await world.eventually(`${path} was left`, () => seen.ends.some(([ended]) => ended === path))
      }
      await world.run(
        (async () => {
          for await (const item of client.count(1_000_000)) if (item === 2) break
        })(),
      )
      await world.eventually('all have ended', () => seen.ends.length === 4)
      expect(seen.ends.map(([path, { outcome, code }]) => [path, outcome, code]).sort()).toEqual([
        ['count', 'left', 'CANCELLED'],
        ['wait', 'left', 'CANCELLED'],
        ['wait', 'left', 'DEADLINE_EXCEEDED'],
        ['watch', 'left', 'CANCELLED'],
      ])
    },
  )

  testInEveryWorld('a call whose connection is closed', make, async ({ world, server }) => {
    const client = await world.connect(server, shop)
    const waiting = client.wait().catch(() => undefined)
    await world.eventually('it runs', () => server.stats().handlersInFlight === 1)
    const [connection] = server.connections
    await world.run(connection!.close({ graceMs: 0 }))
    await world.run(waiting)
    expect(seen.ends).toEqual([['wait', { outcome: 'left', items: 0, code: expect.any(String) }]])
  })
})

describe('An observer', () => {
  test('learns that an answer failed because it could not be sent', async () => {
    const { implementation, seen } = observed()
    const { client, log, close, run } = await startedPair(shop, implementation)
    await expect(run(client.anything())).rejects.toMatchObject({ code: 'INTERNAL' })
    expect(seen.ends).toEqual([['anything', { outcome: 'failed', items: 0, code: 'INTERNAL' }]])
    expect(log.filter(({ level }) => level === 'error').map(({ text }) => text)).toEqual([
      'an answer cannot be sent',
    ])
    await close()
  })

  test('that throws or rejects is logged, and the call continues', async () => {
    const { implementation } = observed({
      onItem: () => Promise.reject(new Error('of an item')) as never,
      onEnd() {
        throw new Error('of the end')
      },
    })
    const { client, log, close, run } = await startedPair(shop, implementation)
    expect(await run(client.add(1))).toBe(2)
    const items: number[] = []
    await run(
      (async () => {
        for await (const item of client.count(2)) items.push(item)
      })(),
    )
    expect(items).toEqual([0, 1])
    const errors = log.filter(({ level }) => level === 'error')
    expect(errors.map(({ text }) => text)).toEqual(Array(4).fill('an observer of a middleware failed'))
    expect(errors[0]?.facts).toMatchObject({ procedure: 'shop@1/add', err: { message: 'of the end' } })
    await close()
  })

  test('runs in the context that its middleware entered, the innermost first', async () => {
    const storage = new AsyncLocalStorage<string>()
    const seen: unknown[] = []
    const note = (what: string) => () => void seen.push([what, storage.getStore()])
    const implementation = implement(shop)
      .use(({ next }) => storage.run('outer', () => next({ onEnd: note('outer end') })))
      .use(({ next }) =>
        storage.run('inner', () =>
          next({ context: { more: 1 }, onItem: note('item'), onEnd: note('inner end') }),
        ),
      )
      .handlers({
        add: ({ input, context }) => input + context.more,
        async *count() {
          yield 1
        },
        wait() {},
        async *watch() {},
        anything: () => 1,
      })
    const { client, close, run } = await startedPair(shop, implementation)
    expect(await run(client.add(1))).toBe(2)
    await run(
      (async () => {
        for await (const _ of client.count(1));
      })(),
    )
    expect(seen).toEqual([
      ['inner end', 'inner'],
      ['outer end', 'outer'],
      ['item', 'inner'],
      ['inner end', 'inner'],
      ['outer end', 'outer'],
    ])
    await close()
  })

  test('receives the error of the client, with the error of the handler as its cause', async () => {
    let end: CallEnd | undefined
    const { implementation } = observed({
      onEnd: (given) => {
        end = given
      },
    })
    const { client, close, run } = await startedPair(shop, implementation)
    await expect(run(client.add(13))).rejects.toMatchObject({ code: 'INTERNAL' })
    expect(RpcError.is(end?.error)).toBe(true)
    expect(end?.error).toMatchObject({ code: 'INTERNAL', cause: { message: 'a defect' } })
    await close()
  })

  test.each([
    [{ onEdn() {} }, 'it takes context, onItem and onEnd, not "onEdn"'],
    [{ onEnd: 5 }, 'onEnd is 5, not a function'],
    [{ context: 'admin' }, 'context is "admin", not an object'],
    [{ context: new Map([['user', 'ann']]) }, 'context is a Map, not a plain object'],
    [{ context: new Date(0) }, 'context is a Date, not a plain object'],
    [5, 'it is 5, not an object'],
    [null, 'it is null, not an object'],
  ])('such as %j is refused: the call fails, and the reason is logged', async (given, text) => {
    const implementation = implement(shop)
      .at('wait')
      .use(({ next }) => next(given as never))
      .handler(() => undefined)
    const rest = { add: () => 1, count: async function* () {}, watch: async function* () {} }
    const all = implement(shop).handlers({ ...rest, anything: () => 1, wait: implementation })
    const { client, log, close, run } = await startedPair(shop, all)
    await expect(run(client.wait())).rejects.toMatchObject({ code: 'INTERNAL' })
    const [line] = log.filter(({ level }) => level === 'error')
    expect(line?.facts.err).toMatchObject({ code: 'INVALID_OPTION', message: expect.stringContaining(text) })
    await close()
  })
})
