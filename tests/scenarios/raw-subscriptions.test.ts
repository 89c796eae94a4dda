import { contract, event, procedure, RpcError } from '@frameport/protocol'
import { createServer, implement, type ServerOptions, type SubscriptionFacts } from '@frameport/server'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { sessionTo } from './session-to.ts'
import { recordingLog } from './setup.ts'
import { memoryWorld } from './worlds/virtual-worlds.ts'

const Topic = z.object({ name: z.string().min(2) })
const market = contract('market', {
  version: 1,
  procedures: { ping: procedure({}), items: procedure({ items: z.number() }) },
  events: {
    price: event(z.number(), { topic: Topic, subscribe: 'clients' }),
    bell: event(z.string(), { subscribe: 'clients' }),
    notice: event(z.string()),
  },
})
const implementation = implement(market).handlers({
  ping: () => undefined,
  async *items() {
    yield 1
  },
})
type Facts = SubscriptionFacts<object>

/** A server, and a session that asks it for what no client of this contract would. */
async function raw(
  authorizeSubscribe: (facts: Facts) => unknown = () => true,
  options: Partial<ServerOptions<object>> = {},
) {
  const world = memoryWorld()
  const { log, lines } = recordingLog()
  const server = createServer(implementation, {
    environment: world.clock,
    log,
    authorizeSubscribe: authorizeSubscribe as never,
    ...options,
  } as never)
  const session = sessionTo(world, server)
  const change = (kind: 'subscribe' | 'unsubscribe', name: string, topic = '') =>
    world.run(
      new Promise<RpcError | undefined>((resolve) => {
        session.changeSubscription({ kind, event: `market@1/${name}`, topic }, resolve)
      }),
    )
  const call = (name: string, stream: boolean) =>
    world.run(
      new Promise<RpcError | undefined>((resolve) => {
        const initialCredit = stream ? { initialCredit: { items: 5, bytes: 1_000 } } : {}
        session.call(
          { procedure: `market@1/${name}`, input: { kind: 'none' }, ...initialCredit },
          { item: () => undefined, settled: resolve },
        )
      }),
    )
  const close = async () => {
    await world.run(session.close())
    await world.close(server)
  }
  const subscriptions = () => [...server.connections][0]?.subscriptions
  return { change, call, close, lines, subscriptions, server, session, world }
}

describe('a subscription that a client asks for', () => {
  it.each([
    ['an event that there is not', 'crash\u001b[31m', /^This server has no event "market@1\/crash/],
    ['an event of handlers', 'notice', /^Clients cannot subscribe to market\/notice/],
  ])('to %s fails with UNIMPLEMENTED, and so does taking it back', async (_, name, text) => {
    const { change, close, subscriptions } = await raw()
    for (const kind of ['subscribe', 'unsubscribe'] as const) {
      const error = await change(kind, name)
      expect(error).toMatchObject({ code: 'UNIMPLEMENTED', message: expect.stringMatching(text) })
      expect(error?.message).not.toContain('\u001b')
    }
    expect(subscriptions()).toBe(0)
    await close()
  })

  it.each([
    ['a topic that does not fit', 'price', '{"name":"x"}', 'the topic of market/price'],
    ['a topic that is no JSON', 'price', '{"name"', ''],
    ['a topic in another form', 'price', '{ "name": "ACME" }', ''],
    ['no topic', 'price', '', ''],
    ['a topic too much', 'bell', '"x"', ''],
  ])('with %s fails with INVALID_ARGUMENT, and nobody is asked', async (_, name, topic, text) => {
    let asked = 0
    const { change, close, lines } = await raw(() => ++asked)
    const error = await change('subscribe', name, topic)
    expect(error).toMatchObject({ code: 'INVALID_ARGUMENT', message: expect.stringContaining(text) })
    expect([asked, lines.filter(({ level }) => level === 'error')]).toEqual([0, []])
    await close()
  })

  it('that it has already is not asked about again, and one that it does not have can be taken back', async () => {
    let asked = 0
    const { change, close, subscriptions } = await raw(() => ++asked > 0)
    expect(await change('unsubscribe', 'bell')).toBeUndefined()
    for (const _ of [1, 2]) expect(await change('subscribe', 'bell')).toBeUndefined()
    expect([asked, subscriptions()]).toEqual([1, 1])
    expect([await change('unsubscribe', 'bell'), subscriptions()]).toEqual([undefined, 0])
    await close()
  })

  it.each<[string, RpcError]>([
    ['INTERNAL', new RpcError('INTERNAL', 'secret')],
    ['a code of its own', new RpcError('OUT_OF_MILK', 'secret')],
  ])('that the hook refuses with %s fails with INTERNAL, whose reason is in the log', async (_, thrown) => {
    const { change, close, lines } = await raw(() => Promise.reject(thrown))
    const error = await change('subscribe', 'bell')
    expect(error).toMatchObject({
      code: 'INTERNAL',
      message: expect.stringMatching(
        /^The subscription failed\. The server's log has the reason under c1\/\d+\.$/,
      ),
    })
    expect(lines.filter(({ level }) => level === 'error')).toEqual([
      {
        level: 'error',
        facts: { connection: 'c1', event: 'market@1/bell', err: thrown },
        text: 'authorizeSubscribe failed',
      },
    ])
    await close()
  })

  it('that was cancelled while the server decided is not made, soon or late', async () => {
    for (const lateMs of [0, 60_000]) {
      let allow: (allowed: boolean) => void = () => undefined
      const { session, world, close, subscriptions } = await raw(
        () => new Promise<boolean>((resolve) => (allow = resolve)),
      )
      let error: RpcError | undefined
      const asked = session.changeSubscription(
        { kind: 'subscribe', event: 'market@1/bell', topic: '' },
        (settled) => (error = settled),
      )
      await world.settle()
      asked.cancel()
      await world.clock.advance(lateMs)
      allow(true)
      await world.settle()
      expect([error?.code, subscriptions()]).toEqual(['CANCELLED', 0])
      await close()
    }
  })

  it('gives back its place among the handlers, whatever comes of it', async () => {
    const { change, close, server } = await raw(() => false, { limits: { handlersInFlightMax: 1 } })
    for (const _ of [1, 2, 3])
      expect(await change('subscribe', 'bell')).toMatchObject({ code: 'PERMISSION_DENIED' })
    expect(server.stats().handlersInFlight).toBe(0)
    await close()
  })
})

describe('a call of the other kind', () => {
  it.each([
    ['ping', true, 'market/ping gives one answer on this server'],
    ['items', false, 'market/items gives a stream of items on this server'],
  ])('of %s fails with UNIMPLEMENTED, which says how it answers', async (name, stream, text) => {
    const { call, close } = await raw()
    expect(await call(name, stream)).toMatchObject({
      code: 'UNIMPLEMENTED',
      message: expect.stringContaining(text),
    })
    expect(await call(name, !stream)).toBeUndefined()
    await close()
  })
})
