import { type Connector, createClient, safe } from '@frameport/client'
import { IocpError } from '@frameport/iocp-core'
import { contract, event, procedure } from '@frameport/protocol'
import { assertQuiet, createMemoryPair, createVirtualClock } from '@frameport/testing'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'

const tiny = contract('tiny', {
  version: 1,
  procedures: { ping: procedure({}), items: procedure({ items: z.number() }) },
  events: { news: event(z.string()) },
})

describe('a client without a server', () => {
  it('fails its calls with UNAVAILABLE that says who was not there and what to do, the cause kept', async () => {
    const client = createClient(tiny, 'tcp://127.0.0.1:1', { backend: 'net' })
    const { error } = await safe(client.ping())
    expect(error).toMatchObject({ code: 'UNAVAILABLE', maybeExecuted: false })
    expect(error?.message).toMatch(
      /^Could not connect to tcp:\/\/127\.0\.0\.1:1: .*Nobody listens.*Start the server/,
    )
    expect(IocpError.is(error?.cause) && error.cause.code).toBe('CONNECTION_REFUSED')
    await expect(client.$connection.opened()).rejects.toMatchObject({ code: 'UNAVAILABLE' })
    expect(await client.$connection.closed()).toMatchObject({ code: 'CONNECTION_LOST' })
    expect((await safe(client.ping())).error?.message).toBe(error?.message)
    await expect(client.items().next()).rejects.toMatchObject({ code: 'UNAVAILABLE' })
  })

  it('keeps deadlines while it connects, gives the attempt up on $close, and leaves nothing', async () => {
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

  it('gives up a server that never answers the hello', async () => {
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
    expect(error?.code).toBe('UNAVAILABLE')
    expect(await clock.until(client.$connection.closed())).toMatchObject({ code: 'HELLO_TIMEOUT' })
    assertQuiet(clock, pair)
  })
})

describe('wrong uses', () => {
  it.each([[undefined], [{}], [5]])('the target %j is refused with what is possible', (target) => {
    expect(() => createClient(tiny, target as never)).toThrowError(
      expect.objectContaining({ code: 'INVALID_TARGET' }),
    )
  })

  it('an event that the contract does not have is refused by name', () => {
    const client = createClient(tiny, createMemoryPair().a) as unknown as {
      $on(name: string, listener: () => void): void
    }
    expect(() => client.$on('olds', () => undefined)).toThrowError(/"olds", where there is news/)
  })

  it.each([0, -1, 0.5])('streamWindowItems %d is refused', (streamWindowItems) => {
    expect(() => createClient(tiny, createMemoryPair().a, { limits: { streamWindowItems } })).toThrowError(
      expect.objectContaining({ code: 'INVALID_LIMITS' }),
    )
  })
})
