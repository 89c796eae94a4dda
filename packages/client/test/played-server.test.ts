import { type ClientOptions, createClient, type Interceptor, safe } from '@frameport/client'
import { bytes, contract, event, procedure, type RpcError } from '@frameport/protocol'
import { encodeEvent, type IncomingCall, type SessionHandlers } from '@frameport/protocol/session'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { playedSession } from './support/played-session.ts'

const tiny = contract('tiny', {
  version: 1,
  procedures: {
    ping: procedure({}),
    echo: procedure({ input: bytes(), output: z.string() }),
    items: procedure({ input: bytes(), items: z.string() }),
  },
  events: { news: event(z.string()) },
})

const input = Uint8Array.of(1)

/** A client, and a session that plays its server. */
function played(options: ClientOptions = {}, handlers: Partial<SessionHandlers> = {}) {
  const { clock, connection, session } = playedSession([tiny.announcement], { handlers })
  const client = createClient(tiny, connection, { environment: clock, ...options })
  const close = () => clock.until(Promise.all([client.$close(), session.close()]))
  return { clock, client, session, close }
}

describe('a client', () => {
  it('refuses calls of its server with UNIMPLEMENTED', async () => {
    const { clock, client, session, close } = played()
    await clock.until(client.$connection.opened())
    const error = await clock.until(
      new Promise<RpcError | undefined>((resolve) => {
        const events = { item: () => undefined, settled: (failure: RpcError | undefined) => resolve(failure) }
        session.call({ procedure: 'tiny@1/ping', input: { kind: 'none' } }, events)
      }),
    )
    expect(error).toMatchObject({ code: 'UNIMPLEMENTED' })
    await close()
  })

  it('reports an event that is not valid or exceeds its limits to onInvalidEvent, and continues', async () => {
    const errors: RpcError[] = []
    const { clock, client, session, close } = played({
      onInvalidEvent: (error) => void errors.push(error),
      limits: { bodyBytesMax: 50 },
    })
    const heard: string[] = []
    client.$on('news', (text) => void heard.push(text))
    await clock.until(client.$connection.opened())
    for (const value of ['y'.repeat(60), 5, 'good']) {
      const encoded = encodeEvent({ event: 'tiny@1/news', topic: '', body: { kind: 'value', value } })
      // This makes the session send an event that its peer refuses.
      session.emit(Object.defineProperty(encoded, 'bodyBytes', { value: 1 }))
    }
    await clock.settle()
    expect(heard).toEqual(['good'])
    expect(errors).toMatchObject([
      { code: 'INTERNAL', message: expect.stringMatching(/event tiny@1\/news .*62 bytes/) },
      { code: 'INTERNAL', message: expect.stringContaining('the payload of tiny/news') },
    ])
    await close()
  })
})

describe('a call', () => {
  it.each(['echo', 'items'] as const)(
    '%s with an input that cannot be encoded fails, and is not made',
    async (name) => {
      const calls: IncomingCall[] = []
      const { clock, client, close } = played({}, { call: (call) => void calls.push(call) })
      await clock.until(client.$connection.opened())
      const made: Promise<unknown> =
        name === 'echo' ? client.echo('text' as never) : client.items('text' as never).next()
      await expect(clock.until(made)).rejects.toMatchObject({
        code: 'INVALID_ARGUMENT',
        message: expect.stringMatching(new RegExp(`^the input of tiny/${name} cannot be sent: .*Uint8Array`)),
        cause: { code: 'INVALID_BODY' },
      })
      expect(calls).toEqual([])
      await close()
    },
  )

  it.each(['deadlineMs', 'metadata'])(
    'that an interceptor passed on with a %s that throws is not made',
    async (name) => {
      const interceptors: Interceptor[] = [
        (call, next) =>
          next(
            Object.defineProperty({ ...call }, name, {
              enumerable: true,
              get() {
                throw new Error('not readable')
              },
            }),
          ),
      ]
      const { clock, client, close } = played({ interceptors })
      for (const call of [() => client.ping(), () => client.echo(input), () => client.items(input).next()]) {
        const error = await clock.until(
          call().then(
            () => undefined,
            (failure: unknown) => failure,
          ),
        )
        expect(error).toMatchObject({
          code: 'INVALID_ARGUMENT',
          message: expect.stringContaining('the call was not made: the argument of next()'),
        })
      }
      await close()
    },
  )

  it.each([
    ['before', false],
    ['after', true],
  ])(
    'fails with UNKNOWN if an interceptor throws %s it passed the call on, and reports whether it may have run',
    async (when, maybeExecuted) => {
      const interceptors: Interceptor[] = [
        async (call, next) => {
          if (when === 'after') await next(call)
          throw new Error('interceptor')
        },
      ]
      const { clock, client, close } = played({ interceptors })
      const { error } = await clock.until(safe(client.ping()))
      expect(error).toMatchObject({
        code: 'UNKNOWN',
        message: 'an interceptor of tiny/ping failed',
        maybeExecuted,
        cause: { message: 'interceptor' },
      })
      await close()
    },
  )

  it('with an invalid answer fails with INTERNAL, which names its output', async () => {
    const { clock, client, close } = played({}, { call: (call) => call.respond({ kind: 'value', value: 5 }) })
    const { error } = await clock.until(safe(client.echo(input)))
    expect(error).toMatchObject({ code: 'INTERNAL', maybeExecuted: true })
    expect(error?.message).toContain('the output of tiny/echo')
    await close()
  })
})
