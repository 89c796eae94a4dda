import { contract, procedure, RpcError } from '@frameport/protocol'
import type { Body } from '@frameport/protocol/envelope'
import { type CredentialsFacts, implement, type PrincipalFacts, type ServerOptions } from '@frameport/server'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { failureOf, type JoinOptions, opened } from '../support/joined.ts'
import { joinReturning } from '../support/returning.ts'

const desk = contract('desk', { version: 1, procedures: { token: procedure({ output: z.string() }) } })
const value = (content: unknown): Body => ({ kind: 'value', value: content })

interface User {
  readonly name: string
  readonly token: string
}

/** A token consists of a name and a number. */
const userOf = (auth: unknown): User => ({ name: String(auth).split(' ')[0] ?? '', token: String(auth) })

async function desked(options: Partial<ServerOptions<User>> = {}, joining: JoinOptions = {}) {
  const stage = opened(
    implement(desk)
      .$context<User>()
      .handlers({ token: ({ context }) => context.token }) as never,
    {
      context: ({ hello }: { hello: { auth: unknown } }) => userOf(hello.auth),
      renewContext: ({ auth }: CredentialsFacts<User>) => userOf(auth),
      ...options,
    } as Partial<ServerOptions<never>>,
  )
  return { stage, client: await joinReturning(stage, { auth: value('ann 1'), ...joining }) }
}

describe('A client that has renewed its credentials and resumes', () => {
  it('continues its session, also without the option principal', async () => {
    const { client } = await desked()
    await client.session.renewCredentials(value('ann 2'))
    await client.cut()
    await client.comeBack()
    expect([client.resumes, await client.call('desk@1/token')]).toEqual([1, 'ann 2'])
  })

  it('continues with the earlier credentials, the only ones it knows if the verdict was lost', async () => {
    const { client } = await desked()
    await client.session.renewCredentials(value('ann 2'))
    await client.cut()
    await client.comeBack(undefined, value('ann 1'))
    expect(client.resumes).toBe(1)
  })

  it('starts a new session if it shows credentials that the server refused', async () => {
    const refused = new RpcError('UNAUTHENTICATED', 'expired')
    const { client } = await desked({
      renewContext: () => {
        throw refused
      },
    })
    await failureOf(client.session.renewCredentials(value('ann 2')))
    await client.cut()
    await client.comeBack(undefined, value('ann 2'))
    expect([client.resumes, client.forgotten.length]).toEqual([0, 1])
  })
})

describe('The option principal, called for new credentials,', () => {
  const byName = ({ context }: PrincipalFacts<User>) => context.name

  it.each([
    ['a session that can be resumed', {}],
    ['a connection whose session cannot be resumed', { remoteEndpoint: 'memory:' }],
  ])('does not let %s change to another principal', async (_, joining) => {
    const { client } = await desked({ principal: byName }, joining)
    expect(await failureOf(client.session.renewCredentials(value('bob 1')))).toMatchObject({
      code: 'PERMISSION_DENIED',
    })
    expect(await client.call('desk@1/token')).toBe('ann 1')
    await client.session.renewCredentials(value('ann 2'))
    expect(await client.call('desk@1/token')).toBe('ann 2')
  })

  it('does not let a session lose its principal', async () => {
    const principal = ({ context }: PrincipalFacts<User>) => (context.name === '' ? undefined : context.name)
    const { client } = await desked({ principal })
    expect(await failureOf(client.session.renewCredentials(value('')))).toMatchObject({
      code: 'PERMISSION_DENIED',
    })
  })

  it('stays the same for each token with which the client resumes', async () => {
    const { client } = await desked({ principal: byName })
    await client.cut()
    await client.comeBack(undefined, value('ann 7'))
    expect(client.resumes).toBe(1)
    expect(await failureOf(client.session.renewCredentials(value('bob 1')))).toMatchObject({
      code: 'PERMISSION_DENIED',
    })
  })

  it('receives a hello with the new credentials, or the original one for the answer to a challenge', async () => {
    const shown: unknown[] = []
    const principal = ({ hello }: PrincipalFacts<User>) => {
      shown.push(hello.auth)
      return 'ann'
    }
    const { client } = await desked({ principal }, { challenged: () => value('a signature') })
    await client.session.renewCredentials(value('ann 2'))
    await client.connection.challenge('sign')
    expect(shown).toEqual(['ann 1', 'ann 2', 'ann 1'])
  })

  it.each([
    ['an RpcError, which the client sees', new RpcError('UNAVAILABLE', 'ask again'), 'UNAVAILABLE', 0],
    ['anything else, which is logged', new Error('password=secret'), 'INTERNAL', 1],
  ])('refuses the credentials if it throws %s', async (_, thrown, code, lines) => {
    let throws = false
    const principal = () => {
      if (throws) throw thrown
      return 'ann'
    }
    const { client, stage } = await desked({ principal })
    throws = true
    const failure = await failureOf(client.session.renewCredentials(value('ann 2')))
    expect([failure.code, failure.message.includes('secret')]).toEqual([code, false])
    expect(stage.lines.filter(({ level }) => level === 'error')).toHaveLength(lines)
    expect(await client.call('desk@1/token')).toBe('ann 1')
  })

  it('refuses the hello with the RpcError that it throws', async () => {
    const principal = () => {
      throw new RpcError('UNAVAILABLE', 'the directory is away', { retryAfterMs: 3_000 })
    }
    const { client, stage } = await desked({ principal })
    const failure = await failureOf(client.call('desk@1/token'))
    expect(failure).toMatchObject({ code: 'UNAVAILABLE', message: 'the directory is away' })
    expect(stage.lines.filter(({ level }) => level === 'error')).toEqual([])
  })
})

describe('connection.challenge for a detached client', () => {
  it('is answered after the client resumes, and the session continues with the context of the answer', async () => {
    const { client, stage } = await desked({}, { challenged: () => value('ann 9') })
    await client.cut()
    const asked = client.connection.challenge('token')
    await stage.settle()
    expect(client.connection.state).toBe('detached')
    await client.comeBack()
    await asked
    expect([client.resumes, await client.call('desk@1/token')]).toEqual([1, 'ann 9'])
  })
})
