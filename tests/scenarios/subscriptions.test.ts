import { safe } from '@frameport/client'
import { RpcError } from '@frameport/protocol'
import { afterEach, describe, expect, it, onTestFinished, vi } from 'vitest'
import { type Facts, market, open, pricesOf, subscriptionsOf } from './market.ts'
import { memoryWorld } from './worlds/virtual-worlds.ts'
import type { World } from './worlds/world.ts'
import { worlds } from './worlds/worlds.ts'

describe('Subscriptions of clients', () => {
  for (const { name: worldName, open: openWorld, absent } of worlds) {
    it.skipIf(absent !== undefined)(
      `in ${worldName} begin with the first listener on a topic and end with the last`,
      async () => {
        const { world, server, connect } = open(openWorld())
        const client = await connect()
        const first = pricesOf(client, 'ACME')
        const second = pricesOf(client, 'ACME')
        await world.run(Promise.all([first.stop.subscribed, second.stop.subscribed]))
        expect(subscriptionsOf(server)).toBe(1)
        expect(server.publish(market.events.price, { name: 'ACME' }, 1).reached).toBe(1)
        expect(server.publish(market.events.price, { name: 'OTHER' }, 2).reached).toBe(0)
        await world.run(client.nothing())
        first.stop()
        first.stop()
        expect(server.publish(market.events.price, { name: 'ACME' }, 3).reached).toBe(1)
        await world.run(client.nothing())
        second.stop()
        await world.run(client.nothing())
        await world.eventually('it is given back', () => subscriptionsOf(server) === 0)
        expect([first.prices, second.prices]).toEqual([[1], [1, 3]])
        await world.close(server)
      },
    )
  }
})

describe('A subscription of a client', () => {
  const closing: (() => Promise<void>)[] = []
  afterEach(async () => {
    for (const close of closing.splice(0)) await close()
  })
  function inMemory(...args: Parameters<typeof open> extends [World, ...infer Rest] ? Rest : never) {
    const opened = open(memoryWorld(), ...args)
    closing.push(() => opened.world.close(opened.server))
    return opened
  }

  it('calls authorizeSubscribe once, with the event, the given topic, the connection, the context and metadata', async () => {
    const asked: Facts[] = []
    const { world, server, connect } = inMemory(
      (facts) => {
        asked.push(facts)
        return true
      },
      { context: () => ({ user: 'ann' }) },
    )
    const client = await connect()
    const bells: string[] = []
    const stop = client.$on('bell', (text) => void bells.push(text))
    await world.run(stop.subscribed)
    await world.run(client.$on('price', { market: 'x', name: 'ACME' }, () => undefined).subscribed)
    expect(
      asked.map(({ event: { name }, topic, connection, context }) => ({ name, topic, connection, context })),
    ).toEqual([
      {
        name: 'market/bell',
        topic: undefined,
        connection: [...server.connections][0],
        context: { user: 'ann' },
      },
      {
        name: 'market/price',
        topic: { market: 'x', name: 'ACME' },
        connection: [...server.connections][0],
        context: { user: 'ann' },
      },
    ])
    server.publish(market.events.bell, 'ding')
    await world.run(client.nothing())
    expect(bells).toEqual(['ding'])
  })

  it('and one of a handler for the same topic deliver each event once, and end when both have ended', async () => {
    const { world, server, connect } = inMemory()
    const client = await connect()
    const { prices, stop } = pricesOf(client, 'ACME')
    await world.run(stop.subscribed)
    await world.run(client.watch({ name: 'ACME' }))
    expect(subscriptionsOf(server)).toBe(1)
    server.publish(market.events.price, { name: 'ACME' }, 1)
    await world.run(client.unwatch({ name: 'ACME' }))
    server.publish(market.events.price, { name: 'ACME' }, 2)
    await world.run(client.watch({ name: 'ACME' }))
    const { prices: again, stop: stopAgain } = pricesOf(client, 'ACME')
    stop()
    stopAgain()
    await world.run(client.nothing())
    expect(server.publish(market.events.price, { name: 'ACME' }, 3).reached).toBe(1)
    await world.run(client.unwatch({ name: 'ACME' }))
    expect(server.publish(market.events.price, { name: 'ACME' }, 4).reached).toBe(0)
    expect([prices, again]).toEqual([[1, 2], []])
  })

  it.each([
    ['returns false', () => false, 'PERMISSION_DENIED'],
    ['returns a value other than true', () => 'yes' as never, 'PERMISSION_DENIED'],
    [
      'rejects with an RpcError',
      () => Promise.reject(new RpcError('UNAUTHENTICATED', 'who?')),
      'UNAUTHENTICATED',
    ],
    [
      'throws another error',
      () => {
        throw new Error('secret')
      },
      'INTERNAL',
    ],
  ])('is refused if authorizeSubscribe %s, and the client is informed', async (_, authorize, code) => {
    const { world, server, connect, log } = inMemory(authorize)
    const failed: unknown[] = []
    const client = await connect({ onSubscribeFailed: (failure) => void failed.push(failure) })
    const { stop } = pricesOf(client, 'ACME')
    const { error } = await world.run(safe(stop.subscribed))
    expect(error).toMatchObject({ code })
    expect(error?.message).not.toContain('secret')
    expect(failed).toMatchObject([{ event: 'market/price', topic: { name: 'ACME' }, error: { code } }])
    expect(subscriptionsOf(server)).toBe(0)
    expect(log.filter(({ level }) => level === 'error')).toHaveLength(code === 'INTERNAL' ? 1 : 0)
    stop()
    await world.run(client.nothing())
  })

  it('that was refused is requested again by the next listener', async () => {
    let isAllowed = false
    const { world, connect } = inMemory(() => isAllowed)
    const client = await connect({ onSubscribeFailed: () => undefined })
    expect((await world.run(safe(pricesOf(client, 'ACME').stop.subscribed))).ok).toBe(false)
    isAllowed = true
    expect((await world.run(safe(pricesOf(client, 'ACME').stop.subscribed))).ok).toBe(true)
  })

  it('that is refused causes one warning on the console if there is no hook', async () => {
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => undefined)
    onTestFinished(() => warn.mockRestore())
    const { world, connect } = inMemory(() => false)
    const client = await connect()
    for (const name of ['a', 'b']) pricesOf(client, name)
    await world.run(client.nothing())
    expect(warn.mock.calls).toEqual([
      [
        expect.stringMatching(
          /^frameport: .*market\/price \(PERMISSION_DENIED\).*[^.]\. Further ones .*onSubscribeFailed/,
        ),
      ],
    ])
  })

  it('that is refused causes no warning if all listeners await it, and one if a listener does not', async () => {
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => undefined)
    onTestFinished(() => warn.mockRestore())
    const { world, connect } = inMemory(() => false)
    const client = await connect()
    const waiting = [pricesOf(client, 'a'), pricesOf(client, 'a')].map(({ stop }) => safe(stop.subscribed))
    expect((await world.run(Promise.all(waiting))).map(({ ok }) => ok)).toEqual([false, false])
    expect(warn).not.toHaveBeenCalled()
    const one = safe(pricesOf(client, 'b').stop.subscribed)
    pricesOf(client, 'b')
    expect((await world.run(one)).ok).toBe(false)
    expect(warn).toHaveBeenCalledTimes(1)
  })

  it('that is given up while the server decides is not made', async () => {
    let decide: (isAllowed: boolean) => void = () => undefined
    const { world, server, connect } = inMemory(
      () =>
        new Promise<boolean>((resolve) => {
          decide = resolve
        }),
    )
    const client = await connect()
    const { stop } = pricesOf(client, 'ACME')
    await world.settle()
    stop()
    await world.run(client.nothing())
    decide(true)
    await world.run(stop.subscribed)
    expect(subscriptionsOf(server)).toBe(0)
  })

  it.each<[string, (world: World, stop: () => void) => void, string]>([
    ['is cancelled', (_, stop) => stop(), 'CANCELLED'],
    ['ends with its connection', (world) => world.cut('client'), 'UNAVAILABLE'],
  ])('that %s aborts the signal of the hook that decides, and no failure is logged', async (_, end, code) => {
    const signals: AbortSignal[] = []
    const { world, server, connect, log } = inMemory(
      ({ signal }) =>
        new Promise<boolean>((_resolve, reject) => {
          signals.push(signal)
          signal.addEventListener('abort', () => reject(new Error('given up')))
        }),
    )
    const failed: unknown[] = []
    const client = await connect({ onSubscribeFailed: (failure) => void failed.push(failure) })
    const { stop } = pricesOf(client, 'ACME')
    await world.settle()
    expect(signals.map(({ aborted }) => aborted)).toEqual([false])
    end(world, stop)
    await world.eventually('the hook was told', () => signals[0]?.aborted === true)
    expect(signals[0]?.reason).toMatchObject({ name: 'RpcError', code })
    await world.settle()
    expect(log.filter(({ level }) => level === 'error')).toEqual([])
    if (code === 'UNAVAILABLE') return
    expect((await world.run(safe(stop.subscribed))).ok).toBe(true)
    expect([failed, subscriptionsOf(server)]).toEqual([[], 0])
  })

  it('stays if the last listener stops and a new one starts in the same turn', async () => {
    const { world, server, connect } = inMemory()
    const client = await connect()
    const first = pricesOf(client, 'ACME')
    first.stop()
    const second = pricesOf(client, 'ACME')
    await world.run(second.stop.subscribed)
    expect(subscriptionsOf(server)).toBe(1)
    server.publish(market.events.price, { name: 'ACME' }, 1)
    await world.run(client.nothing())
    expect([first.prices, second.prices]).toEqual([[], [1]])
  })

  it('waits for the connection, and can be given up without one', async () => {
    const { world, server, connect } = inMemory()
    const client = await connect()
    const { stop } = pricesOf(client, 'ACME')
    await world.run(client.$close())
    expect((await world.run(safe(stop.subscribed))).error).toMatchObject({ code: 'UNAVAILABLE' })
    stop()
    await world.eventually('the server noticed', () => server.connections.size === 0)
  })

  it.each([
    [3, 3],
    [3, 4],
    [3, 300],
  ])('is limited, with those of handlers, to %i of %i', async (max, wanted) => {
    const { world, server, connect } = inMemory(() => true, {
      limits: { subscriptionsPerConnectionMax: max },
    })
    const client = await connect({ onSubscribeFailed: () => undefined })
    await world.run(client.watch({ name: 'by a handler' }))
    const asked = Array.from({ length: wanted - 1 }, (_, index) =>
      safe(pricesOf(client, `${index}`).stop.subscribed),
    )
    const outcomes = await world.run(Promise.all(asked))
    const refused = outcomes.filter(({ ok }) => !ok)
    expect(refused).toHaveLength(wanted - max)
    for (const { error } of refused) expect(error).toMatchObject({ code: 'RESOURCE_EXHAUSTED' })
    expect(subscriptionsOf(server)).toBe(max)
    expect((await world.run(safe(client.watch({ name: 'one more' })))).error).toMatchObject({
      code: 'RESOURCE_EXHAUSTED',
    })
  })

  it('counts with its topic in the memory of its connection, which limits it and is released later', async () => {
    const { world, server, connect } = inMemory(() => true, {
      limits: { sessionMemoryBytesMax: 100_000, bodiesPartialBytesMax: 10_000, bodyBytesMax: 10_000 },
    })
    const client = await connect({ onSubscribeFailed: () => undefined })
    const memory = () => [...server.connections][0]!.stats().memory
    const subscribed = Array.from({ length: 100 }, (_, index) =>
      pricesOf(client, `${index}${'x'.repeat(4_000)}`),
    )
    const outcomes = await world.run(Promise.all(subscribed.map(({ stop }) => safe(stop.subscribed))))
    const made = outcomes.filter(({ ok }) => ok).length
    expect(made).toBe(subscriptionsOf(server))
    expect([made >= 5, made <= 20]).toEqual([true, true])
    for (const { error } of outcomes.slice(made)) expect(error).toMatchObject({ code: 'RESOURCE_EXHAUSTED' })
    expect(memory().ownerBytes).toBeGreaterThanOrEqual(made * 4_000)
    expect((await world.run(safe(client.watch({ name: 'y'.repeat(4_000) })))).error).toMatchObject({
      code: 'RESOURCE_EXHAUSTED',
    })
    for (const { stop } of subscribed) stop()
    await world.eventually('all were taken back', () => subscriptionsOf(server) === 0)
    expect(memory().ownerBytes).toBe(0)
  })

  it('counts as a handler while the server decides, so handlersInFlightMax refuses a flood', async () => {
    const pending: (() => void)[] = []
    const { world, server, connect } = inMemory(
      () => new Promise<boolean>((resolve) => pending.push(() => resolve(true))),
      { limits: { handlersInFlightMax: 5 } },
    )
    const client = await connect({ onSubscribeFailed: () => undefined })
    const asked = Array.from({ length: 100 }, (_, index) =>
      safe(pricesOf(client, `${index}`).stop.subscribed),
    )
    await world.settle()
    expect(pending).toHaveLength(5)
    for (const allow of pending) allow()
    const outcomes = await world.run(Promise.all(asked))
    expect(outcomes.filter(({ ok }) => ok)).toHaveLength(5)
    expect(subscriptionsOf(server)).toBe(5)
  })

  it('ends with its connection, and leaves nothing on the server', async () => {
    const { world, server, connect } = inMemory()
    const client = await connect()
    await world.run(pricesOf(client, 'ACME').stop.subscribed)
    await world.run(client.$close())
    await world.eventually('the server noticed', () => server.connections.size === 0)
    expect(server.publish(market.events.price, { name: 'ACME' }, 1).reached).toBe(0)
  })
})
