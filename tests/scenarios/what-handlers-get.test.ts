import { AsyncLocalStorage } from 'node:async_hooks'
import { contract, event, procedure } from '@frameport/protocol'
import { createServer, implement } from '@frameport/server'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { testInEveryWorld } from './served-in.ts'
import { startedPair } from './started-pair.ts'

const house = contract('house', {
  version: 1,
  procedures: {
    set: procedure({ input: z.number(), output: z.number() }),
    readings: procedure({ input: z.number(), items: z.number() }),
  },
  events: { changed: event(z.number()) },
})
const stranger = contract('stranger', {
  version: 1,
  procedures: { nothing: procedure({}) },
  events: { changed: event(z.number()) },
})

const make = () => ({
  implementation: implement(house)
    .use(({ publish, connections, next }) => {
      publish(house.events.changed, -connections.size)
      return next()
    })
    .handlers({
      set({ input, publish, connections, connection }) {
        connection.subscribe(house.events.changed)
        publish(house.events.changed, input)
        return connections.size
      },
      async *readings({ input, publish }) {
        yield publish(house.events.changed, input).reached
      },
    }),
})

describe('publish and connections', () => {
  testInEveryWorld('are available to handlers and middlewares', make, async ({ world, server }) => {
    const client = await world.connect(server, house)
    const other = await world.connect(server, house)
    const seen: number[] = []
    client.$on('changed', (degrees) => void seen.push(degrees))
    expect(await world.run(client.set(21))).toBe(2)
    expect(await world.run(other.set(22))).toBe(2)
    await world.run(
      (async () => {
        for await (const _ of other.readings(23));
      })(),
    )
    await world.eventually('all events are here', () => seen.length === 5)
    expect(seen).toEqual([21, -2, 22, -2, 23])
  })

  test('are those of the server, although handlers have no variable for it', async () => {
    let publish: unknown
    let connections: unknown
    const implementation = implement(house).handlers({
      set(args) {
        publish = args.publish
        connections = args.connections
        return { ...args }.connections.size
      },
      async *readings() {},
    })
    const { client, server, close, run } = await startedPair(house, implementation)
    expect(await run(client.set(1))).toBe(1)
    const first = publish
    expect(await run(client.set(2))).toBe(1)
    expect(publish).toBe(first)
    expect(connections).toBe(server.connections)
    await close()
  })

  test('do not serve events of other contracts: publish refuses them', async () => {
    const implementation = implement(house).handlers({
      set({ publish }) {
        publish(stranger.events.changed, 1)
        return 1
      },
      async *readings() {},
    })
    const { client, log, close, run } = await startedPair(house, implementation)
    await expect(run(client.set(1))).rejects.toMatchObject({ code: 'INTERNAL' })
    const [line] = log.filter(({ level }) => level === 'error')
    expect(line).toMatchObject({ text: 'a handler failed', facts: { err: { code: 'UNKNOWN_EVENT' } } })
    await close()
  })
})

describe('The context that a middleware enters', () => {
  const storage = new AsyncLocalStorage<string>()
  let stores: (string | undefined)[] = []
  const entered = () => {
    stores = []
    const implementation = implement(house)
      .use(({ next }) => storage.run('entered', next))
      .handlers({
        set: () => stores.push(storage.getStore()),
        async *readings({ input }) {
          try {
            for (let item = 0; item < input; item++) {
              stores.push(storage.getStore())
              yield item
            }
          } finally {
            stores.push(storage.getStore())
          }
        },
      })
    return { implementation }
  }

  testInEveryWorld('is available in the body of a generator', entered, async ({ world, server }) => {
    const client = await world.connect(server, house)
    await world.run(client.set(1))
    await world.run(
      (async () => {
        for await (const _ of client.readings(40));
        for await (const item of client.readings(1_000)) if (item === 2) break
      })(),
    )
    await world.eventually('the generator that was left has stopped', () => stores.length > 45)
    expect(new Set(stores)).toEqual(new Set(['entered']))
  })
})

describe('A missing context', () => {
  const needy = implement(house)
    .$context<{ degrees: number }>()
    .handlers({ set: ({ context }) => context.degrees, async *readings() {} })

  test.each([
    ['without options', undefined],
    ['without the option', {}],
    ['with undefined', { context: undefined }],
  ])('is refused by createServer %s', (_, options) => {
    const make = () => createServer(needy, options as never)
    expect(make).toThrow(
      expect.objectContaining({
        code: 'INVALID_OPTION',
        message: expect.stringContaining('the handlers of house were declared with $context'),
      }),
    )
  })

  test.each([
    ['undefined', undefined],
    ['null', null],
    ['"guest"', 'guest'],
  ])('of a connection, which is %s, refuses the client and is logged', async (shown, context) => {
    const { client, log, close, run } = await startedPair(house, needy, {
      server: { context: async () => context as never },
    })
    await expect(run(client.set(1))).rejects.toMatchObject({ code: 'INTERNAL' })
    expect(log.filter(({ level }) => level === 'error')).toMatchObject([
      {
        text: 'the context of a connection could not be made',
        facts: { err: { message: expect.stringContaining(`context returned ${shown}, not an object`) } },
      },
    ])
    await close()
  })

  test.each([
    ['a second $context', () => (needy2().$context as unknown as () => void)()],
    [
      'a $context after use()',
      () => (implement(house).use(({ next }) => next()).$context as unknown as () => void)(),
    ],
  ])('%s is refused', (_, declare) => {
    expect(declare).toThrow(
      expect.objectContaining({ code: 'INVALID_CONTRACT', message: expect.stringContaining('call it once') }),
    )
  })
  const needy2 = () => implement(house).$context<{ degrees: number }>()
})
