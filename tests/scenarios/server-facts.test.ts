import { contract, event, procedure } from '@frameport/protocol'
import { implement, type ServerOptions } from '@frameport/server'
import { createMemoryChannels } from '@frameport/testing'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { startedPair } from './started-pair.ts'

const room = contract('room', {
  version: 1,
  procedures: {
    follow: procedure({}),
    stuck: procedure({}),
    count: procedure({ items: z.number() }),
  },
  events: { news: event(z.string()) },
})
const implementation = implement(room).handlers({
  follow: ({ connection }) => connection.subscribe(room.events.news),
  stuck: () => new Promise<void>(() => undefined),
  async *count() {
    for (let number = 0; ; number++) yield number
  },
})
const start = (server: Partial<ServerOptions<object>> = {}) => startedPair(room, implementation, { server })
const remote = 'memory:'

describe('The log of a server', () => {
  it('has a line when a connection arrives, is set up and ends, each with its id and its remote endpoint', async () => {
    const { client, run, close, log } = await start()
    await run(client.$connection.opened())
    await run(client.$close())
    await close()
    expect(log).toEqual([
      { level: 'debug', facts: { connection: 'c1', remote }, text: 'connected' },
      { level: 'info', facts: { connection: 'c1', remote }, text: 'client connected' },
      {
        level: 'info',
        facts: { connection: 'c1', remote, code: 'CLOSED' },
        text: expect.stringMatching(/^connection closed: /),
      },
      { level: 'info', facts: { connections: 0, detached: 0 }, text: 'the server is closing' },
    ])
  })

  it('has the reason for a lost connection at level info, with the error', async () => {
    const { server, run, clock, close, log, client } = await start()
    const { a, b } = createMemoryChannels({ clock })
    server.accept(b, { remoteEndpoint: 'pipe:guest' })
    await run(client.$connection.opened())
    a.abort()
    await clock.settle()
    const line = log.find(
      ({ facts, text }) => facts.connection === 'c2' && text.startsWith('connection closed'),
    )
    expect(line).toMatchObject({
      level: 'info',
      facts: { remote: 'pipe:guest', code: 'CONNECTION_LOST', err: expect.any(Error) },
    })
    await close()
  })

  it('has a warning with the error for a connection whose hook failed', async () => {
    const failure = new Error('no room')
    const { client, run, close, log } = await start({
      onConnection: () => {
        throw failure
      },
    })
    expect(await run(client.$connection.closed())).toBeDefined()
    await close()
    expect(log.filter(({ level }) => level !== 'debug' && level !== 'info')).toEqual([
      {
        level: 'error',
        facts: { connection: 'c1', err: failure },
        text: 'onConnection failed: closing the connection',
      },
      {
        level: 'warn',
        facts: { connection: 'c1', remote, code: 'ABORTED', err: failure },
        text: 'connection closed: the connection could not be set up',
      },
    ])
  })

  it('has each address, with its back end if there is one', async () => {
    const { server, client, run, close, log } = await start()
    await run(client.$connection.opened())
    const acceptor = (more: object) => ({
      url: 'pipe:x',
      listen: async () => ({ url: 'pipe:bound', close: async () => undefined, ...more }),
    })
    await server.listen(acceptor({}))
    await server.listen(acceptor({ backend: 'net' }))
    expect(log.filter(({ text }) => text === 'listening')).toEqual([
      { level: 'info', facts: { url: 'pipe:bound' }, text: 'listening' },
      { level: 'info', facts: { url: 'pipe:bound', backend: 'net' }, text: 'listening' },
    ])
    await close()
  })
})

describe('The statistics of a server', () => {
  it('show running handlers, subscribers and memory, for the server and for each connection', async () => {
    const { server, client, run, clock, close } = await start()
    await run(client.follow())
    const controller = new AbortController()
    const stuck = client.stuck({ signal: controller.signal }).catch(() => undefined)
    await clock.settle()
    const [connection] = [...server.connections]
    expect([connection?.state, connection?.callsInFlight, connection?.subscriptions]).toEqual(['open', 1, 1])
    expect(connection?.stats()).toMatchObject({ subscriptions: 1, callsInFlight: 1 })
    const stats = server.stats()
    expect(stats).toMatchObject({ connections: 1, handlersInFlight: 1, topics: 1 })
    expect(stats.memory).toMatchObject({
      bytes: expect.any(Number),
      bytesMax: 256 * 1024 * 1024,
      connectionsGivenUp: 0,
    })
    controller.abort()
    await run(stuck)
    await run(client.$close())
    await clock.settle()
    expect([connection?.state, connection?.subscriptions, server.stats().topics]).toEqual(['closed', 0, 0])
    connection?.subscribe(room.events.news)
    expect([connection?.subscriptions, server.stats().topics]).toEqual([0, 0])
    await close()
  })
})

describe('Closing a connection of a server', () => {
  it.each([
    [{ graceMs: 70 }, 70],
    [{ graceMs: 0 }, 0],
  ])('with %j gives open calls that time', async (options, graceMs) => {
    const { server, client, run, clock, close } = await start()
    await run(client.$connection.opened())
    const calls = client.stuck().catch((error: unknown) => error)
    await clock.settle()
    const before = clock.nowMs()
    await run([...server.connections][0]!.close(options))
    expect(clock.nowMs() - before).toBe(graceMs)
    expect(await run(calls)).toMatchObject({ code: 'UNAVAILABLE' })
    await close()
  })

  it('is refused with invalid options, and closes nothing', async () => {
    const { server, client, run, close } = await start()
    await run(client.$connection.opened())
    const [connection] = [...server.connections]
    await expect(connection?.close({ graceMs: -1 })).rejects.toMatchObject({ code: 'INVALID_OPTION' })
    expect(connection?.state).toBe('open')
    await close()
  })
})
