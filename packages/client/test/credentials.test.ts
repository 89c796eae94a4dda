import { type CredentialsFacts, safe } from '@frameport/client'
import { RpcError } from '@frameport/protocol'
import type { Body } from '@frameport/protocol/envelope'
import type { SessionHandlers } from '@frameport/protocol/session'
import { describe, expect, it, vi } from 'vitest'
import { played, value } from './support/shown-credentials.ts'

describe('the option auth', () => {
  it.each([true, false])(
    'as a function is called for the hello (over a connector: %s)',
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

  it('sends nothing if it returns nothing, and fails the connection if its result cannot be sent', async () => {
    const none = played({ auth: () => undefined })
    await none.clock.until(none.client.ping())
    expect(none.shown).toEqual([{ kind: 'none' }])
    await none.close()
    const wrong = played({ auth: (() => 1n) as never })
    const { error } = await wrong.clock.until(safe(wrong.client.ping()))
    expect(error).toMatchObject({
      code: 'UNAVAILABLE',
      message: expect.stringMatching(/the result of the function auth cannot be sent: .*bigint/),
    })
    await wrong.close()
  })

  it('is named in the error if its result is too long', async () => {
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
      /the result of the function auth has 70002 bytes, and helloBytesMax is 65536/,
    )
    await long.close()
  })

  it('as a value that no hello may contain is refused at once', () => {
    expect(() => played({ auth: 'x'.repeat(65_535) })).toThrow(
      'auth has 65537 bytes, and helloBytesMax is 65536: shorten the credentials, or raise the limit on both sides.',
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

  it('runs in the async context in which the client was made', async () => {
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

describe('a challenge on an open connection', () => {
  const refusing = () => Promise.reject(new RpcError('UNAUTHENTICATED', 'wrong'))

  it('whose answer is refused is reported to onChallengeFailed, and the client continues', async () => {
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

  it('for which auth throws is answered with nothing, and reported', async () => {
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

  it('that fails without the hook is reported on the console once', async () => {
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => undefined)
    const { clock, client, session, close } = played({ auth: () => 'x' }, { credentials: refusing })
    await clock.until(client.$connection.opened())
    for (let time = 0; time < 2; time += 1)
      await clock.until(session.challenge(value('who')).catch(() => undefined))
    await clock.until(client.ping())
    expect(warn.mock.calls).toEqual([
      [
        'frameport: the challenge of the server failed: wrong. Further ones are not reported: set onChallengeFailed to see each.',
      ],
    ])
    warn.mockRestore()
    await close()
  })
})
