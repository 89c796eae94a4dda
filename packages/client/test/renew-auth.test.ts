import { type CredentialsFacts, safe } from '@frameport/client'
import { RpcError } from '@frameport/protocol'
import { describe, expect, it } from 'vitest'
import { played, value } from './support/shown-credentials.ts'

describe('$connection.renewAuth', () => {
  it('is not needed for a value that the hello contained', async () => {
    const { clock, client, shown, close } = played({ auth: 'a' })
    await clock.until(client.ping())
    expect(shown).toEqual([value('a')])
    await close()
  })

  it('sends the result of the function auth, or its argument', async () => {
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

  it('rejects with the refusal of the server, and the client continues', async () => {
    const credentials = () => Promise.reject(new RpcError('UNAUTHENTICATED', 'expired'))
    const { clock, client, close } = played({ auth: 'a' }, { credentials })
    await clock.until(client.$connection.opened())
    await expect(clock.until(client.$connection.renewAuth('b'))).rejects.toMatchObject({
      code: 'UNAUTHENTICATED',
    })
    await clock.until(client.ping())
    await close()
  })

  it('rejects with the error that the function auth throws, and sends nothing', async () => {
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

  it('rejects if the function auth does not settle, and later calls work', async () => {
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
      message: 'the function auth returned no credentials within 3000 ms',
    })
    expect((error as Error).stack).toContain('renew-auth.test.ts')
    expect(clock.nowMs() - beganAtMs).toBe(3_000)
    isHanging = false
    expect((await clock.until(waits)).ok).toBe(true)
    await clock.until(client.$connection.renewAuth())
    expect(shown).toEqual(['connect', 'by hand', 'renew'].map(value))
    await close()
  })

  it('that waits for the function auth rejects when the client closes', async () => {
    const auth = ({ reason }: CredentialsFacts) =>
      reason === 'renew' ? new Promise<never>(() => undefined) : reason
    const { clock, client, close } = played({ auth })
    await clock.until(client.$connection.opened())
    const hanging = safe(client.$connection.renewAuth())
    await clock.advance(1)
    await close()
    expect((await clock.until(hanging)).error).toMatchObject({ code: 'UNAVAILABLE' })
  })

  it('sends one renewal at a time, and of the waiting ones only the newest', async () => {
    const { clock, client, shown, close } = played({ auth: 'a' })
    await clock.until(client.$connection.opened())
    await clock.until(Promise.all(['1', '2', '3'].map((auth) => client.$connection.renewAuth(auth))))
    expect(shown).toEqual(['a', '1', '3'].map(value))
    await close()
  })

  it('rejects without credentials to send, and after the client is closed', async () => {
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

  it.each([true, false])('and a challenge do not block each other (answered first: %s)', async (isFirst) => {
    let answer!: (token: string) => void
    const auth = ({ reason }: CredentialsFacts) =>
      reason === 'challenge'
        ? new Promise<string>((resolve) => {
            answer = resolve
          })
        : reason
    const { clock, client, session, shown, close } = played({ auth })
    await clock.until(client.$connection.opened())
    const challenged = session.challenge(value('who'))
    await clock.settle()
    if (isFirst) answer('answer')
    const renewals = [client.$connection.renewAuth('1'), client.$connection.renewAuth('2')]
    await clock.until(Promise.all(renewals))
    if (!isFirst) answer('answer')
    await clock.until(challenged)
    expect(shown).toHaveLength(4)
    expect(new Set(shown.slice(1))).toEqual(new Set(['1', '2', 'answer'].map(value)))
    await close()
  })
})
