import { AsyncLocalStorage } from 'node:async_hooks'
import { channel, subscribe, tracingChannel, unsubscribe } from 'node:diagnostics_channel'
import { type ClientCallMessage, clientChannels } from '@frameport/client'
import { contract, procedure } from '@frameport/protocol'
import { implement, type ServerCallMessage, serverChannels } from '@frameport/server'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { testInEveryWorld } from './served-in.ts'
import { startedPair } from './started-pair.ts'
import { tracingNames, watchChannels } from './watched-channels.ts'

const shop = contract('shop', {
  version: 1,
  procedures: {
    add: procedure({ input: z.number(), output: z.number(), errors: { SOLD_OUT: z.number() } }),
    later: procedure({ input: z.number(), output: z.number() }),
    count: procedure({ input: z.number(), items: z.number() }),
    wait: procedure({}),
    note: procedure({ input: z.string(), oneWay: true }),
    trace: procedure({ output: z.string().optional() }),
    ask: procedure({}),
  },
  clientProcedures: { confirm: procedure({ input: z.string(), output: z.boolean() }) },
})

const made = (later = async (input: number) => input + 1) => ({
  implementation: implement(shop).handlers({
    add({ input, errors }) {
      if (input === 0) throw errors.SOLD_OUT(0)
      return input + 1
    },
    later: ({ input }) => later(input),
    async *count({ input }) {
      for (let item = 0; item < input; item++) yield item
    },
    wait: () => new Promise<void>(() => undefined),
    note: () => undefined,
    trace: ({ metadata }) => metadata.traceparent,
    ask: async ({ connection }) => {
      await connection.client(shop).confirm('sure?')
    },
  }),
})

const both = [...tracingNames(serverChannels.call), ...tracingNames(clientChannels.call)]
const whole = ['start', 'end', 'asyncStart', 'asyncEnd']
const failing = ['start', 'end', 'error', 'asyncStart', 'asyncEnd']

describe('A call is published on both sides, its start before its end', () => {
  testInEveryWorld(
    'a call that completes, synchronously or later',
    () => made(),
    async ({ world, server }) => {
      const client = await world.connect(server, shop, { handlers: { confirm: () => true } })
      await world.run(client.$connection.opened())
      for (const call of [() => client.add(1), () => client.later(1)]) {
        using watched = watchChannels(both)
        await world.run(call())
        expect(watched.of(serverChannels.call)).toEqual(whole)
        expect(watched.of(clientChannels.call)).toEqual(whole)
        const [connection] = server.connections
        const messages = new Set(watched.published.map(({ message }) => message))
        expect(messages.size).toBe(2)
        expect(watched.published[0]?.message).toMatchObject({
          procedure: expect.stringMatching(/^shop\/(add|later)$/),
          kind: 'unary',
          clientId: expect.any(Number),
          remoteEndpoint: client.$connection.remoteEndpoint,
          outcome: 'completed',
          items: 0,
          durationMs: expect.any(Number),
          error: undefined,
        })
        const ofServer = watched.published.find(({ channel: of }) => of.startsWith(serverChannels.call))
        expect(ofServer?.message).toMatchObject({ outcome: 'completed', callId: expect.any(Number) })
        expect(ofServer?.message.connection).toBe(connection)
      }
    },
  )

  testInEveryWorld(
    'a call that fails',
    () => made(),
    async ({ world, server }) => {
      const client = await world.connect(server, shop, { handlers: { confirm: () => true } })
      using watched = watchChannels(both)
      const failure = await world.run(client.add(0).catch((error: unknown) => error))
      expect(watched.of(serverChannels.call)).toEqual(failing)
      expect(watched.of(clientChannels.call)).toEqual(failing)
      for (const { message } of watched.published)
        expect(message).toMatchObject({ outcome: 'failed', error: { code: 'SOLD_OUT' } })
      expect(watched.published.at(-1)?.message.error).toBe(failure)
    },
  )

  testInEveryWorld(
    'a stream that is read to its end, and a stream that is left',
    () => made(),
    async (served) => {
      const { world, server } = served
      const client = await world.connect(server, shop, { handlers: { confirm: () => true } })
      using watched = watchChannels(both)
      const shown = () =>
        watched.published
          .filter(({ channel: of }) => of.endsWith('asyncEnd'))
          .map(({ channel: of, message: { outcome, items } }) => [of.split('.')[1], outcome, items])
      const read = async (howMany: number) => {
        for await (const item of client.count(howMany)) if (item === 2) break
      }
      await world.run(read(2))
      await world.eventually('both sides have ended', () => shown().length === 2)
      expect(new Set(shown())).toEqual(
        new Set([
          ['server', 'completed', 2],
          ['client', 'completed', 2],
        ]),
      )
      await world.run(read(1_000_000))
      await world.eventually('both sides were left', () => shown().length === 4)
      expect(shown().slice(2).sort()).toEqual([
        ['client', 'left', 3],
        ['server', 'left', expect.any(Number)],
      ])
    },
  )

  testInEveryWorld(
    'a call that is cancelled, and a call whose deadline passes',
    () => made(),
    async (served) => {
      const { world, server } = served
      const client = await world.connect(server, shop, { handlers: { confirm: () => true } })
      using watched = watchChannels(both)
      const controller = new AbortController()
      const cancelled = client.wait({ signal: controller.signal }).catch(() => undefined)
      await world.eventually('it runs', () => server.stats().handlersInFlight === 1)
      controller.abort()
      await world.run(cancelled)
      await world.run(client.wait({ deadlineMs: 50 }).catch(() => undefined))
      await world.eventually('all have ended', () => watched.of(serverChannels.call).length === 10)
      const ends = watched.published.filter(({ channel: of }) => of.endsWith('asyncEnd'))
      const shown = ends.map(({ channel: of, message: { outcome, error } }) =>
        [of.split('.')[1], outcome, (error as { code: string }).code].join(' '),
      )
      expect(shown.sort()).toEqual([
        'client failed DEADLINE_EXCEEDED',
        'client left CANCELLED',
        'server left CANCELLED',
        'server left DEADLINE_EXCEEDED',
      ])
    },
  )

  testInEveryWorld(
    'a call whose connection is cut',
    () => made(),
    async ({ world, server }) => {
      const client = await world.connect(server, shop, { handlers: { confirm: () => true } })
      using watched = watchChannels(both)
      const waiting = client.wait().catch(() => undefined)
      await world.eventually('it runs', () => server.stats().handlersInFlight === 1)
      const [connection] = server.connections
      await world.run(connection!.close({ graceMs: 0 }))
      await world.run(waiting)
      expect(watched.of(serverChannels.call)).toEqual(failing)
      expect(watched.of(clientChannels.call)).toEqual(failing)
      expect(watched.published[0]?.message).toMatchObject({
        outcome: 'failed',
        error: { code: 'UNAVAILABLE' },
      })
    },
  )

  testInEveryWorld(
    'a one-way call',
    () => made(),
    async ({ world, server }) => {
      const client = await world.connect(server, shop, { handlers: { confirm: () => true } })
      using watched = watchChannels(both)
      await world.run(client.note('hello'))
      await world.eventually('it has run', () => watched.of(serverChannels.call).length === 4)
      expect(watched.of(serverChannels.call)).toEqual(whole)
      expect(watched.of(clientChannels.call)).toEqual(whole)
      const ofServer = watched.published.find(({ channel: of }) => of.startsWith(serverChannels.call))
      expect(ofServer?.message).toMatchObject({ kind: 'one-way', callId: 0, outcome: 'completed' })
    },
  )

  testInEveryWorld(
    'a call from the server to its client',
    () => made(),
    async ({ world, server }) => {
      const names = [
        ...tracingNames(serverChannels.callToClient),
        ...tracingNames(clientChannels.callFromServer),
      ]
      const client = await world.connect(server, shop, { handlers: { confirm: () => true } })
      using watched = watchChannels(names)
      await world.run(client.ask())
      expect(watched.of(serverChannels.callToClient)).toEqual(whole)
      expect(watched.of(clientChannels.callFromServer)).toEqual(whole)
      const [connection] = server.connections
      expect(watched.published[0]?.message.connection).toBe(connection)
      for (const { message } of watched.published)
        expect(message).toMatchObject({ procedure: 'shop/confirm', outcome: 'completed' })
    },
  )
})

test('a call whose handler is not run is published as refused', async () => {
  const pair = await startedPair(shop, made().implementation, {
    server: { limits: { handlersInFlightMax: 1 } },
    client: { handlers: { confirm: () => true } },
  })
  const { client, run, eventually, server, close } = pair
  const controller = new AbortController()
  const waiting = client.wait({ signal: controller.signal }).catch(() => undefined)
  await eventually('it runs', () => server.stats().handlersInFlight === 1)
  using watched = watchChannels(tracingNames(serverChannels.call))
  await run(client.add(1).catch(() => undefined))
  expect(watched.of(serverChannels.call)).toEqual(failing)
  expect(watched.published[0]?.message).toMatchObject({
    procedure: 'shop@1/add',
    outcome: 'refused',
    error: { code: 'RESOURCE_EXHAUSTED' },
  })
  expect(server.stats().totals).toMatchObject({ callsRefused: 1 })
  controller.abort()
  await run(waiting)
  await close()
})

describe('A tracer', () => {
  test('finds its span in the handler and in later code, through a store that is bound to start', async () => {
    const spans = new AsyncLocalStorage<string>()
    const seen: unknown[] = []
    const { start } = tracingChannel(serverChannels.call)
    start.bindStore(spans, (message) => `span of ${(message as ServerCallMessage).procedure}`)
    const noteEnd = () => seen.push(['end', spans.getStore()])
    subscribe(`tracing:${serverChannels.call}:asyncEnd`, noteEnd)
    const { implementation } = made(async (input) => {
      await undefined
      seen.push(['handler', spans.getStore()])
      return input
    })
    const { client, run, close } = await startedPair(shop, implementation, {
      client: { handlers: { confirm: () => true } },
    })
    await run(client.later(1))
    expect(seen).toEqual([
      ['handler', 'span of shop/later'],
      ['end', 'span of shop/later'],
    ])
    start.unbindStore(spans)
    unsubscribe(`tracing:${serverChannels.call}:asyncEnd`, noteEnd)
    expect(channel(`tracing:${serverChannels.call}:start`).hasSubscribers).toBe(false)
    await close()
  })

  test('can add metadata to a call, which the handler reads', async () => {
    const add = (message: unknown) => {
      const call = message as ClientCallMessage
      call.metadata = { ...call.metadata, traceparent: '00-1-2-01' }
    }
    subscribe(`tracing:${clientChannels.call}:start`, add)
    const { client, run, close } = await startedPair(shop, made().implementation, {
      client: { handlers: { confirm: () => true } },
    })
    expect(await run(client.trace())).toBe('00-1-2-01')
    unsubscribe(`tracing:${clientChannels.call}:start`, add)
    expect(await run(client.trace())).toBeUndefined()
    await close()
  })
})

test('a subscriber that throws does not disturb a call, and its error becomes an uncaught exception of the process', async () => {
  const thrown: unknown[] = []
  const others = process.listeners('uncaughtException')
  process.removeAllListeners('uncaughtException')
  process.on('uncaughtException', (error) => thrown.push(error))
  const fail = () => {
    throw new Error('of a subscriber')
  }
  for (const name of both) subscribe(name, fail)
  const { client, run, close } = await startedPair(shop, made().implementation, {
    client: { handlers: { confirm: () => true } },
  })
  expect(await run(client.add(1))).toBe(2)
  expect(await run(client.add(0).catch(({ code }) => code))).toBe('SOLD_OUT')
  await new Promise((resolve) => setImmediate(resolve))
  for (const name of both) unsubscribe(name, fail)
  process.removeAllListeners('uncaughtException')
  for (const listener of others) process.on('uncaughtException', listener)
  // Four events of the completed call and five of the failed one, on each side.
  expect(thrown.map((error) => (error as Error).message)).toEqual(Array(18).fill('of a subscriber'))
  await close()
})

test('a call that began before the first subscription is not published', async () => {
  const { client, run, eventually, server, close } = await startedPair(shop, made().implementation, {
    client: { handlers: { confirm: () => true } },
  })
  const controller = new AbortController()
  const waiting = client.wait({ signal: controller.signal }).catch(() => undefined)
  await eventually('it runs', () => server.stats().handlersInFlight === 1)
  using watched = watchChannels(both)
  controller.abort()
  await run(waiting)
  expect(watched.published).toEqual([])
  await close()
})
