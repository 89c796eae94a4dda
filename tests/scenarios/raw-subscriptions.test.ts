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

/** A server, and a session that sends requests which no client of this contract would send. */
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

describe('A subscription that a client requests', () => {
  it.each([
    [
      'an event that the contract does not have',
      'crash\u001b[31m',
      /^This server has no event "market@1\/crash/,
    ],
    ['an event to which only handlers subscribe', 'notice', /^Clients cannot subscribe to market\/notice/],
  ])('to %s fails with UNIMPLEMENTED, and so does unsubscribing', async (_, name, text) => {
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
    ['a topic that does not match its schema', 'price', '{"name":"x"}', 'the topic of market/price'],
    ['a topic that is not JSON', 'price', '{"name"', ''],
    ['a topic in another JSON form', 'price', '{ "name": "ACME" }', ''],
    ['no topic', 'price', '', ''],
    ['a topic for an event without topics', 'bell', '"x"', ''],
  ])('with %s fails with INVALID_ARGUMENT, and the hook is not called', async (_, name, topic, text) => {
    let asked = 0
    const { change, close, lines } = await raw(() => ++asked)
    const error = await change('subscribe', name, topic)
    expect(error).toMatchObject({ code: 'INVALID_ARGUMENT', message: expect.stringContaining(text) })
    expect([asked, lines.filter(({ level }) => level === 'error')]).toEqual([0, []])
    await close()
  })

  it('twice calls the hook only once, and unsubscribing without a subscription succeeds', async () => {
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
    ['an undeclared code', new RpcError('OUT_OF_MILK', 'secret')],
  ])('and that the hook refuses with %s fails with INTERNAL, and the reason is logged', async (_, thrown) => {
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

  it('and cancels while the server decides is not made, whenever the decision comes', async () => {
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

  it('frees its place among the handlers, whatever the result is', async () => {
    const { change, close, server } = await raw(() => false, { limits: { handlersInFlightMax: 1 } })
    for (const _ of [1, 2, 3])
      expect(await change('subscribe', 'bell')).toMatchObject({ code: 'PERMISSION_DENIED' })
    expect(server.stats().handlersInFlight).toBe(0)
    await close()
  })
})

describe('A call of the wrong kind', () => {
  it.each([
    ['ping', true, 'market/ping gives one answer on this server'],
    ['items', false, 'market/items gives a stream of items on this server'],
  ])('to %s fails with UNIMPLEMENTED, and the message has the right kind', async (name, stream, text) => {
    const { call, close } = await raw()
    expect(await call(name, stream)).toMatchObject({
      code: 'UNIMPLEMENTED',
      message: expect.stringContaining(text),
    })
    expect(await call(name, !stream)).toBeUndefined()
    await close()
  })
})
