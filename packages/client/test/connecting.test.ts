import { type Connector, createClient, safe } from '@frameport/client'
import { attachFrames, type ByteStream } from '@frameport/framing'
import { IocpError } from '@frameport/iocp-core'
import { contract, event, procedure, RpcError } from '@frameport/protocol'
import { createSession } from '@frameport/protocol/session'
import { assertQuiet, createMemoryPair, createVirtualClock, type VirtualClock } from '@frameport/testing'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'

const tiny = contract('tiny', {
  version: 1,
  procedures: { ping: procedure({}), items: procedure({ items: z.number() }) },
  events: { news: event(z.string()) },
})

describe('a client without a server', () => {
  it('fails its calls with UNAVAILABLE, which names the address, gives advice and keeps the cause', async () => {
    const client = createClient(tiny, 'tcp://127.0.0.1:1', { backend: 'net' })
    const { error } = await safe(client.ping())
    expect(error).toMatchObject({ code: 'UNAVAILABLE', maybeExecuted: false })
    expect(error?.message).toMatch(
      /^Could not connect to tcp:\/\/127\.0\.0\.1:1: .*Nothing listens.*Start the server/,
    )
    expect(IocpError.is(error?.cause) && error.cause.code).toBe('CONNECTION_REFUSED')
    await expect(client.$connection.opened()).rejects.toMatchObject({ code: 'UNAVAILABLE' })
    expect(await client.$connection.closed()).toMatchObject({ code: 'CONNECTION_LOST' })
    expect((await safe(client.ping())).error?.message).toBe(error?.message)
    await expect(client.items().next()).rejects.toMatchObject({ code: 'UNAVAILABLE' })
  })

  it('enforces deadlines while it connects, aborts the attempt on $close, and leaves nothing open', async () => {
    const clock = createVirtualClock()
    let aborted = 0
    let released = 0
    const connector: Connector = {
      url: 'test:nowhere',
      connect: ({ signal }) =>
        new Promise((_, reject) => {
          signal.addEventListener('abort', () => {
            aborted++
            reject(new Error('given up'))
          })
        }),
      release: () => void released++,
    }
    const client = createClient(tiny, connector, { environment: clock })
    const { error } = await clock.until(safe(client.ping({ deadlineMs: 250 })))
    expect(error?.code).toBe('DEADLINE_EXCEEDED')
    expect(clock.nowMs()).toBe(250)
    const waiting = safe(client.ping())
    await clock.until(client.$close())
    expect((await clock.until(waiting)).error?.code).toBe('UNAVAILABLE')
    expect(client.$connection.state).toBe('closed')
    expect([aborted, released]).toEqual([1, 1])
    assertQuiet(clock)
  })

  it('gives up on a server that never answers the hello', async () => {
    const clock = createVirtualClock()
    const pair = createMemoryPair({ clock })
    pair.b.start({
      data: () => undefined,
      end: () => pair.b.end(),
      drain: () => undefined,
      close: () => undefined,
    })
    const client = createClient(tiny, pair.a, { environment: clock })
    const { error } = await clock.until(safe(client.ping()))
    expect([error?.code, error?.cause]).toEqual(['UNAVAILABLE', undefined])
    expect(await clock.until(client.$connection.closed())).toMatchObject({ code: 'HELLO_TIMEOUT' })
    assertQuiet(clock, pair)
  })

  it('gives up on a connected server that does not answer within connectTimeoutMs', async () => {
    const clock = createVirtualClock()
    const { a, b } = createMemoryPair({ clock })
    b.start({ data: () => undefined, end: () => b.end(), drain: () => undefined, close: () => undefined })
    const connector: Connector = { url: 'test:mute', connect: async () => a }
    const client = createClient(tiny, connector, { environment: clock, limits: { connectTimeoutMs: 300 } })
    const { error } = await clock.until(safe(client.ping()))
    expect(clock.nowMs()).toBe(300)
    expect(error?.message).toContain(
      'test:mute accepted the connection, but did not complete the handshake within 300 ms',
    )
    expect(await clock.until(client.$connection.closed())).toMatchObject({ code: 'HELLO_TIMEOUT' })
    assertQuiet(clock)
  })

  it('fails a call with its own error if the connection is not the cause', async () => {
    const environment = createVirtualClock()
    const connector: Connector = { url: 'test:nobody', connect: () => Promise.reject(new Error('nobody')) }
    const client = createClient(tiny, connector, { environment })
    await environment.until(safe(client.ping()))
    const { error } = await environment.until(safe(client.ping({ signal: AbortSignal.abort() })))
    expect(error?.code).toBe('CANCELLED')
  })

  it('whose connector fails with an RpcError reports that it could not connect, with this cause', async () => {
    const environment = createVirtualClock()
    const refused = new RpcError('PERMISSION_DENIED', 'not from here')
    const connector: Connector = { url: 'test:closed', connect: () => Promise.reject(refused) }
    const client = createClient(tiny, connector, { environment })
    const { error } = await environment.until(safe(client.$connection.opened()))
    expect([error?.code, error?.cause]).toEqual(['UNAVAILABLE', refused])
  })
})

/** A session that plays a server at this end, and answers no call. */
function playServer(end: ByteStream, environment: VirtualClock) {
  const session = createSession({
    role: 'server',
    environment,
    contracts: [tiny.announcement],
    handlers: {
      hello: async () => ({}),
      opened: () => undefined,
      call: () => undefined,
      event: () => undefined,
      goaway: () => undefined,
      closed: () => undefined,
    },
  })
  session.attach(attachFrames(end))
  return session
}

describe('a client that is connected', () => {
  it('stays open after connectTimeoutMs, and has statistics of its connection', async () => {
    const clock = createVirtualClock()
    const { a, b } = createMemoryPair({ clock })
    const session = playServer(b, clock)
    const connector: Connector = { url: 'test:server', connect: async () => a }
    const client = createClient(tiny, connector, { environment: clock, limits: { connectTimeoutMs: 300 } })
    await clock.until(client.$connection.opened())
    await clock.advance(1_000)
    expect(client.$connection.state).toBe('open')
    expect(client.$connection.stats()).toMatchObject({ callsInFlight: 0 })
    await clock.until(Promise.all([client.$close(), session.close()]))
  })

  it.each(['client', 'server'])('fails a call without a cause when the %s closes in order', async (side) => {
    const clock = createVirtualClock()
    const { a, b } = createMemoryPair({ clock })
    const session = playServer(b, clock)
    const client = createClient(tiny, a, { environment: clock })
    await clock.until(client.$connection.opened())
    const waiting = safe(client.ping())
    await clock.settle()
    await clock.until(side === 'client' ? client.$close({ graceMs: 0 }) : session.close({ graceMs: 0 }))
    const { error } = await clock.until(waiting)
    expect([error?.code, error?.cause]).toEqual(['UNAVAILABLE', undefined])
  })

  it('reports why its connection broke before it was open, with the cause', async () => {
    const clock = createVirtualClock()
    const { a, b } = createMemoryPair({ clock })
    const client = createClient(tiny, a, { environment: clock })
    b.abort()
    const { error } = await clock.until(safe(client.$connection.opened()))
    expect(error).toMatchObject({ code: 'UNAVAILABLE', cause: { code: 'CONNECTION_RESET' } })
  })
})

describe('wrong uses', () => {
  it.each([[undefined], [{}], [5]])(
    'the target %j is refused, and the error lists what is possible',
    (target) => {
      expect(() => createClient(tiny, target as never)).toThrowError(
        expect.objectContaining({ code: 'INVALID_TARGET' }),
      )
    },
  )

  it('an event that is not in the contract is refused, and the error names it', () => {
    const client = createClient(tiny, createMemoryPair().a) as unknown as {
      $on(name: string, listener: () => void): void
    }
    expect(() => client.$on('olds', () => undefined)).toThrowError(/"olds" \(events: news\)/)
  })

  it.each([0, -1, 0.5])('streamWindowItems %d is refused', (streamWindowItems) => {
    expect(() => createClient(tiny, createMemoryPair().a, { limits: { streamWindowItems } })).toThrowError(
      expect.objectContaining({ code: 'INVALID_LIMITS' }),
    )
  })
})
