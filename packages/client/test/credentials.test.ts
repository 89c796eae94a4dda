import {
  type ClientOptions,
  type Connector,
  type CredentialsFacts,
  createClient,
  safe,
} from '@frameport/client'
import { attachFrames } from '@frameport/framing'
import { contract, procedure, RpcError } from '@frameport/protocol'
import type { Body } from '@frameport/protocol/envelope'
import { createSession, type SessionHandlers } from '@frameport/protocol/session'
import { assertQuiet, createMemoryPair, createVirtualClock } from '@frameport/testing'
import { describe, expect, it, vi } from 'vitest'

const tiny = contract('tiny', { version: 1, procedures: { ping: procedure({}) } })
const value = (content: unknown): Body => ({ kind: 'value', value: content })

/** A client, and a session that plays its server and records what it is shown. */
function played(options: ClientOptions = {}, handlers: Partial<SessionHandlers> = {}, overConnector = false) {
  const clock = createVirtualClock()
  const { a, b } = createMemoryPair({ clock })
  const shown: Body[] = []
  const session = createSession({
    role: 'server',
    environment: clock,
    contracts: [tiny.announcement],
    handlers: {
      hello: async ({ auth }) => {
        shown.push(auth)
        return {}
      },
      credentials: ({ auth }) => {
        shown.push(auth)
        return {}
      },
      opened: () => undefined,
      call: (call) => call.respond({ kind: 'none' }),
      event: () => undefined,
      goaway: () => undefined,
      closed: () => undefined,
      ...handlers,
    },
  })
  session.attach(attachFrames(b))
  const connector: Connector = { url: 'test:there', connect: async () => a }
  const client = createClient(tiny, overConnector ? connector : a, { environment: clock, ...options })
  const close = async () => {
    await clock.until(Promise.all([client.$close(), session.close()]))
    assertQuiet(clock)
  }
  return { clock, client, session, shown, close }
}

describe('the option auth', () => {
  it.each([true, false])(
    'as a function is asked for the hello (over a connector: %s)',
    async (overConnector) => {
      const facts: CredentialsFacts[] = []
      const auth = async (asked: CredentialsFacts) => {
        facts.push(asked)
        return 'token 1'
      }
      const { clock, client, shown, close } = played({ auth }, {}, overConnector)
      await clock.until(client.ping())
      expect([facts, shown]).toEqual([[{ reason: 'connect' }], [value('token 1')]])
      await close()
    },
  )

  it.each([true, false])(
    'that throws fails the calls with its error as the cause (over a connector: %s)',
    async (overConnector) => {
      const cause = new Error('no token service')
      const auth = () => {
        throw cause
      }
      const { clock, client, close } = played({ auth }, {}, overConnector)
      const { error } = await clock.until(safe(client.ping()))
      expect(error).toMatchObject({
        code: 'UNAVAILABLE',
        message: expect.stringContaining('no token service'),
        cause,
      })
      await close()
    },
  )

  it('that gives nothing shows nothing, and one that gives what cannot be sent fails the connection', async () => {
    const none = played({ auth: () => undefined })
    await none.clock.until(none.client.ping())
    expect(none.shown).toEqual([{ kind: 'none' }])
    await none.close()
    const wrong = played({ auth: (() => 1n) as never })
    const { error } = await wrong.clock.until(safe(wrong.client.ping()))
    expect(error).toMatchObject({
      code: 'UNAVAILABLE',
      message: expect.stringMatching(/what the function auth gave cannot be sent: .*bigint/),
    })
    await wrong.close()
  })

  it('is named where it fails, as what it gives that is too long', async () => {
    const failing = played({
      auth: () => {
        throw new Error('no token service')
      },
    })
    const { error } = await failing.clock.until(safe(failing.client.ping()))
    expect(error?.message).toMatch(/the function auth threw: no token service/)
    await failing.close()
    const long = played({ auth: () => 'x'.repeat(70_000) })
    const { error: tooLong } = await long.clock.until(safe(long.client.ping()))
    expect(tooLong?.message).toMatch(
      /what the function auth gave has 70002 bytes, and helloBytesMax is 65536/,
    )
    await long.close()
  })

  it('as a value that no hello may show is refused at once', () => {
    expect(() => played({ auth: 'x'.repeat(65_535) })).toThrow(
      'auth has 65537 bytes, and helloBytesMax is 65536: give shorter credentials, or raise it on both sides.',
    )
    expect(() => played({ auth: 'x'.repeat(70_000), limits: { helloBytesMax: 80_000 } })).not.toThrow()
  })

  it('answers challenges of the handshake', async () => {
    const facts: CredentialsFacts[] = []
    const answers: Body[] = []
    const auth = (asked: CredentialsFacts) => {
      facts.push(asked)
      return asked.reason === 'challenge' ? Uint8Array.of(7) : 'ann'
    }
    const { clock, client, close } = played(
      { auth },
      {
        hello: async (_, ask) => {
          answers.push(await ask(value({ nonce: 1 })), await ask({ kind: 'raw', bytes: Uint8Array.of(1) }))
          return {}
        },
      },
    )
    await clock.until(client.ping())
    expect(facts).toEqual([
      { reason: 'connect' },
      { reason: 'challenge', challenge: { nonce: 1 } },
      { reason: 'challenge', challenge: Uint8Array.of(1) },
    ])
    expect(answers).toEqual(Array.from({ length: 2 }, () => ({ kind: 'raw', bytes: Uint8Array.of(7) })))
    await close()
  })

  it('as a value answers a challenge with nothing', async () => {
    const answers: Body[] = []
    const hello: SessionHandlers['hello'] = async (_, ask) => {
      answers.push(await ask(value(1)))
      return {}
    }
    const { clock, client, close } = played({ auth: 'ann' }, { hello })
    await clock.until(client.ping())
    expect(answers).toEqual([{ kind: 'none' }])
    await close()
  })

  it('runs in the context in which the client was made', async () => {
    const { AsyncLocalStorage } = await import('node:async_hooks')
    const store = new AsyncLocalStorage<string>()
    const seen: unknown[] = []
    const auth = () => seen.push(store.getStore())
    const { clock, client, session, close } = store.run('maker', () => played({ auth }))
    await clock.until(client.ping())
    await clock.until(session.challenge(value('who')))
    await clock.until(client.$connection.renewAuth())
    expect(seen).toEqual(['maker', 'maker', 'maker'])
    await close()
  })
})

describe('$connection.renewAuth', () => {
  it('is not called for a value that the hello has shown', async () => {
    const { clock, client, shown, close } = played({ auth: 'a' })
    await clock.until(client.ping())
    expect(shown).toEqual([value('a')])
    await close()
  })

  it('gives what the function auth gives, or what it is given', async () => {
    const auth = ({ reason }: CredentialsFacts) => `${reason} token`
    const { clock, client, shown, close } = played({ auth })
    await clock.until(client.$connection.opened())
    await clock.until(client.$connection.renewAuth())
    await clock.until(client.$connection.renewAuth(Uint8Array.of(1)))
    await clock.until(client.$connection.renewAuth(undefined))
    expect(shown).toEqual([
      value('connect token'),
      value('renew token'),
      { kind: 'raw', bytes: Uint8Array.of(1) },
      { kind: 'none' },
    ])
    await close()
  })

  it('rejects with the refusal of the server, and the client goes on', async () => {
    const credentials = () => Promise.reject(new RpcError('UNAUTHENTICATED', 'expired'))
    const { clock, client, close } = played({ auth: 'a' }, { credentials })
    await clock.until(client.$connection.opened())
    await expect(clock.until(client.$connection.renewAuth('b'))).rejects.toMatchObject({
      code: 'UNAUTHENTICATED',
    })
    await clock.until(client.ping())
    await close()
  })

  it('rejects with what the function auth throws, and sends nothing', async () => {
    const cause = new Error('no token service')
    const auth = ({ reason }: CredentialsFacts) => {
      if (reason === 'renew') throw cause
      return 'a'
    }
    const { clock, client, shown, close } = played({ auth })
    await clock.until(client.$connection.opened())
    await expect(clock.until(client.$connection.renewAuth())).rejects.toBe(cause)
    expect(shown).toHaveLength(1)
    await close()
  })

  it('rejects when the function auth does not settle, and goes on', async () => {
    let isHanging = true
    const auth = ({ reason }: CredentialsFacts) =>
      reason === 'renew' && isHanging ? new Promise<never>(() => undefined) : reason
    const { clock, client, shown, close } = played({ auth, limits: { connectTimeoutMs: 3_000 } })
    await clock.until(client.$connection.opened())
    const beganAtMs = clock.nowMs()
    const renewed = async () => {
      await client.$connection.renewAuth()
    }
    const hanging = safe(renewed())
    await clock.advance(1)
    const waits = safe(client.$connection.renewAuth('by hand'))
    const { error } = await clock.until(hanging)
    expect(error).toMatchObject({
      code: 'DEADLINE_EXCEEDED',
      message: 'the function auth gave no credentials within 3000 ms',
    })
    expect((error as Error).stack).toContain('credentials.test.ts')
    expect(clock.nowMs() - beganAtMs).toBe(3_000)
    isHanging = false
    expect((await clock.until(waits)).ok).toBe(true)
    await clock.until(client.$connection.renewAuth())
    expect(shown).toEqual(['connect', 'by hand', 'renew'].map(value))
    await close()
  })

  it('that waits for the function auth ends with the client', async () => {
    const auth = ({ reason }: CredentialsFacts) =>
      reason === 'renew' ? new Promise<never>(() => undefined) : reason
    const { clock, client, close } = played({ auth })
    await clock.until(client.$connection.opened())
    const hanging = safe(client.$connection.renewAuth())
    await clock.advance(1)
    await close()
    expect((await clock.until(hanging)).error).toMatchObject({ code: 'UNAVAILABLE' })
  })

  it('gives one after the other, and of those that wait the newest alone', async () => {
    const { clock, client, shown, close } = played({ auth: 'a' })
    await clock.until(client.$connection.opened())
    await clock.until(Promise.all(['1', '2', '3'].map((auth) => client.$connection.renewAuth(auth))))
    expect(shown).toEqual(['a', '1', '3'].map(value))
    await close()
  })

  it('without credentials to give, or once the client is closed, rejects', async () => {
    const { clock, client, close } = played({ auth: 'a' })
    await clock.until(client.$connection.opened())
    await expect(clock.until(client.$connection.renewAuth())).rejects.toMatchObject({
      code: 'INVALID_OPTION',
      message: expect.stringContaining('renewAuth needs the new credentials'),
    })
    await expect(clock.until(client.$connection.renewAuth(1n as never))).rejects.toMatchObject({
      code: 'INVALID_ARGUMENT',
    })
    await close()
    await expect(clock.until(client.$connection.renewAuth('b'))).rejects.toMatchObject({
      code: 'UNAVAILABLE',
    })
  })
})

describe('a challenge on an open connection', () => {
  const refusing = () => Promise.reject(new RpcError('UNAUTHENTICATED', 'wrong'))

  it('whose answer is refused is told to onChallengeFailed, and the client goes on', async () => {
    const failed: unknown[] = []
    const { clock, client, session, close } = played(
      { auth: () => 'x', onChallengeFailed: (error) => void failed.push(error) },
      { credentials: refusing },
    )
    await clock.until(client.$connection.opened())
    await clock.until(session.challenge(value('who')).catch(() => undefined))
    await clock.until(client.ping())
    expect(failed).toMatchObject([{ code: 'UNAUTHENTICATED', message: 'wrong' }])
    await close()
  })

  it('for which auth throws is answered with nothing, and told', async () => {
    const failed: unknown[] = []
    const cause = new Error('no token service')
    const auth = ({ reason }: CredentialsFacts) => {
      if (reason === 'challenge') throw cause
      return 'a'
    }
    const { clock, client, session, shown, close } = played({
      auth,
      onChallengeFailed: (error) => void failed.push(error),
    })
    await clock.until(client.$connection.opened())
    await clock.until(session.challenge(value('who')))
    expect([failed, shown]).toEqual([[cause], [value('a'), { kind: 'none' }]])
    await close()
  })

  it('that fails without the hook is on the console once', async () => {
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => undefined)
    const { clock, client, session, close } = played({ auth: () => 'x' }, { credentials: refusing })
    await clock.until(client.$connection.opened())
    for (let time = 0; time < 2; time += 1)
      await clock.until(session.challenge(value('who')).catch(() => undefined))
    await clock.until(client.ping())
    expect(warn.mock.calls).toEqual([
      [
        'frameport: the challenge of the server came to nothing: wrong. Further ones are not reported: give onChallengeFailed to see each.',
      ],
    ])
    warn.mockRestore()
    await close()
  })
})
