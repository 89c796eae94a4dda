import { RpcError } from '@frameport/protocol'
import { describe, expect, it } from 'vitest'
import { createTestClient } from '../../src/client/index.ts'
import { assertQuiet, createVirtualClock } from '../../src/index.ts'
import { broken, implementNotes, type NotesContext, notes } from './notes.ts'

const asAda = { context: { user: 'ada' }, authorizeSubscribe: () => true }

describe('a test client', () => {
  it('calls handlers through middleware, validation and the check of outputs', async () => {
    await using client = createTestClient(implementNotes().implementation, asAda)
    expect(await client.add('milk')).toEqual({ by: 'by ada', count: 1 })
    await expect(client.add('')).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' })
    await client.add('eggs')
    await expect(client.add('tea')).rejects.toMatchObject({ code: 'FULL', data: { max: 2 } })
    const all: string[] = []
    for await (const note of client.all()) all.push(note)
    expect(all).toEqual(['milk', 'eggs'])
  })

  it('may have a function that makes the context from the hello, for each client of the server', async () => {
    await using ada = createTestClient(implementNotes().implementation, {
      ...asAda,
      auth: 'ada',
      context: async ({ hello }) => ({ user: String(hello.auth) }),
    })
    await using bob = ada.$connect({ auth: 'bob' })
    expect((await ada.add('milk')).by).toBe('by ada')
    expect((await bob.add('eggs')).by).toBe('by bob')
    const stranger = ada.$connect({ auth: 'stranger' })
    await expect(stranger.add('tea')).rejects.toMatchObject({ code: 'UNAUTHENTICATED' })
    expect(ada.$server.connections.size).toBe(3)
    await stranger.$close()
    expect(ada.$server.connections.size).toBe(2)
  })

  it('runs interceptors, and sends metadata and deadlines', async () => {
    const seen: string[] = []
    await using client = createTestClient(implementNotes().implementation, {
      ...asAda,
      defaultDeadlineMs: 20,
      interceptors: [
        (call, next) => {
          seen.push(call.procedure.path)
          return next(call)
        },
      ],
    })
    await expect(client.wait()).rejects.toMatchObject({ code: 'DEADLINE_EXCEEDED' })
    for await (const _ of client.all());
    expect(seen).toEqual(['wait', 'all'])
  })

  it('receives events to which handlers or the client itself subscribe it', async () => {
    const asked: unknown[] = []
    await using client = createTestClient(implementNotes().implementation, {
      ...asAda,
      onSubscribeFailed: () => undefined,
      authorizeSubscribe: ({ topic }) => topic === 'ours' && asked.push(topic) > 0,
    })
    const added = new Promise((resolve) => client.$on('added', resolve))
    await client.watch()
    let hear!: (text: string) => void
    const shared = new Promise((resolve) => {
      hear = resolve
    })
    const ours = client.$on('shared', 'ours', (text) => hear(text))
    await ours.subscribed
    await expect(client.$on('shared', 'theirs', () => undefined).subscribed).rejects.toMatchObject({
      code: 'PERMISSION_DENIED',
    })
    client.$server.publish(notes.events.added, 'milk')
    client.$server.publish(notes.events.shared, 'ours', 'tea')
    expect([await added, await shared, asked]).toEqual(['milk', 'tea', ['ours']])
  })

  it('can leave a stream like any client', async () => {
    await using client = createTestClient(implementNotes().implementation, asAda)
    await client.add('milk')
    const items = client.all()
    expect(await items.next()).toEqual({ done: false, value: 'milk' })
    await items.return()
    expect(await items.next()).toEqual({ done: true, value: undefined })
  })

  it.each([
    ['throws', broken],
    ['late', broken],
    ['wrongOutput', expect.objectContaining({ code: 'INVALID_OUTPUT' })],
    ['own', expect.objectContaining({ message: 'a text for clients' })],
  ] as const)(
    'has the error that the server hides from clients as the cause: a handler that %s',
    async (way, cause) => {
      await using client = createTestClient(implementNotes().implementation, asAda)
      const error: unknown = await client.fail(way).catch((failure: unknown) => failure)
      expect(RpcError.is(error) && error).toMatchObject({ code: 'INTERNAL' })
      expect((error as Error).cause).toEqual(cause)
      expect(Object.keys(error as Error)).not.toContain('cause')
      expect(client.$takeFailures()).toEqual([])
    },
  )

  it('has this cause for the items of a stream, too, and interceptors of the test see it', async () => {
    const seen: unknown[] = []
    await using client = createTestClient(implementNotes().implementation, {
      ...asAda,
      interceptors: [(call, next) => next(call).catch((error) => Promise.reject(seen.push(error.cause)))],
    })
    const items = client.failItems()
    expect(await items.next()).toEqual({ done: false, value: 'one' })
    await expect(items.next()).rejects.toMatchObject({ code: 'INTERNAL', cause: broken })
    await expect(client.fail('throws')).rejects.toMatchObject({ code: 'UNKNOWN' })
    expect(seen).toEqual([broken])
  })

  it('reports why it was not admitted, and why it was not subscribed', async () => {
    const refused = createTestClient(implementNotes().implementation, {
      ...asAda,
      context: (): NotesContext => {
        throw broken
      },
    })
    await expect(refused.$connection.opened()).rejects.toMatchObject({ code: 'INTERNAL', cause: broken })
    await expect(refused.add('milk')).rejects.toMatchObject({ code: 'INTERNAL', cause: { cause: broken } })
    await refused.$close()

    await using client = createTestClient(implementNotes().implementation, {
      ...asAda,
      onSubscribeFailed: () => undefined,
      authorizeSubscribe: () => {
        throw broken
      },
    })
    const listening = client.$on('shared', 'ours', () => undefined)
    await expect(listening.subscribed).rejects.toMatchObject({ code: 'INTERNAL', cause: broken })
  })

  it('keeps the log of the server, and forwards it', async () => {
    const lines: string[] = []
    const line = (_: object, text: string) => void lines.push(text)
    const client = createTestClient(implementNotes().implementation, {
      ...asAda,
      log: { debug: line, info: line, warn: line, error: line },
    })
    await client.add('milk')
    await client.$close()
    expect(client.$log.map(({ level, text }) => `${level}: ${text}`)).toContain('info: client connected')
    expect(lines).toEqual(client.$log.map(({ text }) => text))
  })
})

describe('a failure in the server that no call reports', () => {
  const failing = () =>
    createTestClient(implementNotes().implementation, {
      ...asAda,
      server: {
        onDisconnect() {
          throw broken
        },
      },
    })

  it('makes the close of the client reject, once, after everything is closed', async () => {
    const client = failing()
    await client.add('milk')
    await expect(client.$close()).rejects.toMatchObject({
      code: 'SERVER_FAILED',
      message: expect.stringContaining('onDisconnect failed'),
      cause: broken,
    })
    expect(client.$server.connections.size).toBe(0)
    await client.$close()
  })

  it('is reported together with all others', async () => {
    const client = failing()
    await using other = client.$connect()
    await Promise.all([client.add('milk'), other.add('eggs')])
    await expect(client.$close()).rejects.toMatchObject({ cause: { errors: [broken, broken] } })
  })

  it('does not make the close reject if the test has taken it', async () => {
    const client = failing()
    const other = client.$connect()
    await other.add('milk')
    await other.$close()
    expect(client.$takeFailures()).toEqual([broken])
    await expect(client.$close()).rejects.toMatchObject({ code: 'SERVER_FAILED' })
  })
})

describe('the end of a test client', () => {
  it('cancels open calls at the end of its scope, and lets them finish when it is closed', async () => {
    const { implementation, signals } = implementNotes()
    let abandoned: Promise<unknown>
    {
      await using client = createTestClient(implementation, asAda)
      abandoned = client.wait().catch((error: unknown) => error)
      while (signals.length === 0) await client.add('milk').catch(() => undefined)
    }
    expect(await abandoned).toMatchObject({ code: 'UNAVAILABLE' })
    expect(signals[0]?.aborted).toBe(true)

    const client = createTestClient(implementNotes().implementation, asAda)
    await client.add('milk')
    const finished = client.add('eggs')
    await client.$close()
    expect(await finished).toMatchObject({ count: 2 })
    await expect(client.add('tea')).rejects.toMatchObject({ code: 'UNAVAILABLE' })
  })

  it('is refused with wrong options, and does not happen then', async () => {
    const client = createTestClient(implementNotes().implementation, asAda)
    await expect(client.$close({ graceMs: -1 })).rejects.toMatchObject({ code: 'INVALID_OPTION' })
    expect(await client.add('milk')).toMatchObject({ count: 1 })
    await client.$close()
    await client.$close()
  })
})

describe('a test client in virtual time', () => {
  it('waits for a deadline and for latency on the clock, and leaves nothing open', async () => {
    const clock = createVirtualClock()
    const client = createTestClient(implementNotes().implementation, {
      ...asAda,
      clock,
      network: { latencyMs: 50, chunking: { bytes: 3 } },
    })
    expect(await clock.until(client.add('milk'))).toMatchObject({ count: 1 })
    expect(clock.nowMs()).toBeGreaterThanOrEqual(100)
    const beganAtMs = clock.nowMs()
    await expect(clock.until(client.wait({ deadlineMs: 60_000 }))).rejects.toMatchObject({
      code: 'DEADLINE_EXCEEDED',
    })
    expect(clock.nowMs() - beganAtMs).toBeGreaterThanOrEqual(60_000)
    await client.$close()
    assertQuiet(clock)
  })
})
