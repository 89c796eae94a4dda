import { type ClientConnectionMessage, clientChannels, createClient } from '@frameport/client'
import { contract, event, procedure } from '@frameport/protocol'
import { createServer, type Implementation, implement, type Server, serverChannels } from '@frameport/server'
import { createMemoryPair, createVirtualClock } from '@frameport/testing'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { testInEveryWorld } from './served-in.ts'
import { recordingLog } from './setup.ts'
import { startedPair } from './started-pair.ts'
import { watchChannels } from './watched-channels.ts'
import { worlds } from './worlds/worlds.ts'

const depot = contract('depot', {
  version: 1,
  procedures: { name: procedure({ output: z.string() }), fail: procedure({}) },
  events: { news: event(z.string(), { subscribe: 'clients' }) },
})

const implementation = implement(depot).handlers({
  name: () => 'the depot',
  fail() {
    throw new Error('a defect')
  },
})

const both = [serverChannels.connection, clientChannels.connection]
const connecting = worlds.filter(({ name }) => !/memory|message/.test(name))

for (const { name, open, absent } of connecting) {
  const title = absent === undefined ? `in ${name}` : `in ${name} (skipped: ${absent})`
  describe.skipIf(absent !== undefined)(title, () => {
    const serve = (more: object): Server =>
      createServer(implementation, { log: recordingLog().log, authorizeSubscribe: () => true, ...more })
    const states = (watched: ReturnType<typeof watchChannels>, channel: string) =>
      watched.published
        .filter(({ channel: of }) => of === channel)
        .map(({ message }) => message.state as string)
        // A failed attempt is also published, and one may occur.
        .filter((state, at, all) => state !== all[at - 1])

    test.each([
      [true, 'resumed', ['connected', 'detached', 'resumed', 'closed']],
      [false, 'replaced', ['connected', 'closed', 'connected', 'closed']],
    ] as const)('a connection that is cut, with resume: %s, is %s', async (resume, how, ofServer) => {
      const world = open()
      using watched = watchChannels(both)
      const server = serve({ resume, ...(world.port === undefined ? {} : { completionPort: world.port }) })
      const client = await world.connect(server, depot, { reconnect: { delayMs: 20 }, resume })
      await client.name()
      const [connection] = server.connections
      world.cut('client')
      await world.eventually('it is back', () => states(watched, clientChannels.connection).includes(how))
      await client.name()
      await client.$close()
      await world.eventually('it is gone', () => server.connections.size === 0)
      expect(states(watched, clientChannels.connection).filter((state) => state !== 'draining')).toEqual([
        'connecting',
        'connected',
        'reconnecting',
        how,
        'closed',
      ])
      expect(states(watched, serverChannels.connection)).toEqual(ofServer)
      const messages = watched.published.map(({ message }) => message)
      expect(messages.find(({ connection: of }) => of !== undefined)?.connection).toBe(connection)
      const lost = messages.find(({ state }) => state === 'reconnecting') as
        | ClientConnectionMessage
        | undefined
      expect(lost).toMatchObject({
        clientId: expect.any(Number),
        remoteEndpoint: client.$connection.remoteEndpoint,
        reason: { code: 'CONNECTION_LOST' },
        failures: expect.any(Number),
      })
      expect(client.$connection.stats()).toMatchObject({
        connectionsMade: 2,
        totals: { callsMade: 2, callsFailed: 0 },
      })
      await world.close(server)
    })
  })
}

test('clients have different numbers, and a connection that was refused is published as closed', async () => {
  using watched = watchChannels(both)
  const { server, close, run, clock } = await startedPair(depot, implementation, {
    server: { authorizeSubscribe: () => true },
  })
  const { a, b } = createMemoryPair({ clock })
  const other = createClient(depot, a, { environment: clock })
  server.accept(b)
  await run(other.name())
  await run(other.$close())
  const numbers = watched.published.map(({ message }) => message.clientId).filter((id) => id !== undefined)
  expect(new Set(numbers).size).toBe(2)
  const stranger = createMemoryPair({ clock })
  stranger.a.start({
    data: () => undefined,
    end: () => undefined,
    drain: () => undefined,
    close: () => undefined,
  })
  const connection = server.accept(stranger.b)
  stranger.a.send(new TextEncoder().encode('GET / HTTP/1.1\r\n\r\n'))
  await run(connection.closed())
  const ofStranger = watched.published.filter(({ message }) => message.connection === connection)
  expect(ofStranger.map(({ message }) => message)).toEqual([
    { state: 'closed', connection, reason: expect.objectContaining({ code: 'NOT_FRAMEPORT' }) },
  ])
  await close()
})

test('a slow subscriber is published before it is disconnected', async () => {
  using watched = watchChannels([serverChannels.slowSubscriber, serverChannels.connection])
  const clock = createVirtualClock()
  const server = createServer(implementation, {
    environment: clock,
    authorizeSubscribe: () => true,
    log: false,
    limits: { slowSubscriberBytesMax: 20_000, slowSubscriberMs: 5_000, heartbeatIntervalMs: 0 },
  })
  const { a, b } = createMemoryPair({
    clock,
    windowBytes: 1_000,
    highWatermarkBytes: 2_000,
    lowWatermarkBytes: 500,
  })
  const client = createClient(depot, a, { environment: clock, limits: { heartbeatIntervalMs: 0 } })
  const connection = server.accept(b)
  await clock.until(client.$on('news', () => undefined).subscribed)
  a.pause()
  for (let at = 0; at < 100; at++) server.publish(depot.events.news, 'x'.repeat(500))
  await clock.advance(5_500)
  a.resume()
  await clock.until(client.$connection.closed())
  expect(watched.published.map(({ channel, message }) => [channel, message.state])).toEqual([
    [serverChannels.connection, 'connected'],
    [serverChannels.slowSubscriber, undefined],
    [serverChannels.connection, 'closed'],
  ])
  expect(watched.published[1]?.message).toEqual({
    connection,
    message: expect.stringContaining('depot@1/news'),
  })
  expect(server.stats().events).toMatchObject({ published: 100, slowSubscribers: 1 })
  await clock.until(server.close())
})

describe('stats() of a server', () => {
  testInEveryWorld(
    'counts connections, calls, events and bytes, including those of closed connections',
    () => ({
      implementation: implementation as unknown as Implementation<object>,
      options: { authorizeSubscribe: () => true },
    }),
    async ({ world, server }) => {
      const client = await world.connect(server, depot)
      const heard: string[] = []
      await world.run(client.$on('news', (text) => void heard.push(text)).subscribed)
      server.publish(depot.events.news, 'one')
      server.publish(depot.events.news, 'two')
      await world.run(client.name())
      await world.run(client.fail().catch(() => undefined))
      await world.eventually('the events came', () => heard.length === 2)
      const before = server.stats()
      expect(before).toMatchObject({
        connections: 1,
        totals: { connectionsAccepted: 1, callsBegun: 2, callsFailed: 1, callsRefused: 0 },
        events: { published: 2, delivered: 2 },
        queuedBytes: expect.any(Number),
      })
      const ofClient = client.$connection.stats().totals
      expect(ofClient).toMatchObject({ callsMade: 3, callsFailed: 1 })
      // Each side has received what the other side has sent.
      expect([ofClient.bytesSent, ofClient.bytesReceived]).toEqual([
        before.totals.bytesReceived,
        before.totals.bytesSent,
      ])
      expect(before.totals.bytesReceived).toBeGreaterThan(50)
      await world.run(client.$close())
      await world.eventually('it is gone', () => server.stats().connections === 0)
      const { bytesReceived, bytesSent, connectionsAccepted } = server.stats().totals
      expect(bytesReceived).toBeGreaterThanOrEqual(before.totals.bytesReceived)
      expect([bytesSent >= before.totals.bytesSent, connectionsAccepted]).toEqual([true, 1])
    },
  )
})

test('stats() of a server lists its addresses and back ends', async () => {
  const server = createServer(implementation, { log: false, authorizeSubscribe: () => true })
  expect(server.stats().listeners).toEqual([])
  const listener = await server.listen('tcp://127.0.0.1:0')
  expect(server.stats().listeners).toEqual([{ urls: [listener.url], backend: listener.backend }])
  await listener.close()
  expect(server.stats().listeners).toEqual([])
  await server.close()
})
