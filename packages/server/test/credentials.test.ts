import { contract, procedure, RpcError } from '@frameport/protocol'
import type { Body } from '@frameport/protocol/envelope'
import {
  type CredentialsFacts,
  implement,
  type ServerConnection,
  type ServerOptions,
} from '@frameport/server'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { failureOf, type JoinOptions, join, opened } from './support/joined.ts'

interface User {
  readonly name: string
  readonly token: string
}

const desk = contract('desk', {
  version: 1,
  procedures: { token: procedure({ output: z.string() }), later: procedure({ output: z.string() }) },
})
const value = (content: unknown): Body => ({ kind: 'value', value: content })
/** A token consists of a name and a number. */
const userOf = (auth: unknown): User => ({ name: String(auth).split(' ')[0] ?? '', token: String(auth) })

/** Accepts tokens of the same person only. */
const sameUser = ({ auth, context }: CredentialsFacts<User>): User => {
  const user = userOf(auth)
  if (user.name !== context.name) throw new RpcError('PERMISSION_DENIED', `you are ${context.name}`)
  return user
}

type Options = Pick<ServerOptions<User>, 'context' | 'renewContext' | 'onDisconnect' | 'limits'>

async function desked(options: Options = {}, joining: JoinOptions = {}) {
  const waiting: (() => void)[] = []
  const implementation = implement(desk)
    .$context<User>()
    .handlers({
      token: ({ context }) => context.token,
      later: async ({ context }) => {
        await new Promise<void>((resolve) => waiting.push(resolve))
        return context.token
      },
    })
  const stage = opened(
    implementation as never,
    {
      context: ({ hello }) => userOf(hello.auth),
      renewContext: sameUser,
      ...options,
    } as Partial<ServerOptions<never>>,
  )
  const client = await join(stage, { auth: value('ann 1'), ...joining })
  return { ...stage, ...client, waiting }
}

describe('renewContext', () => {
  it('gives the new context to later calls, while running calls keep the old one', async () => {
    const { session, call, waiting, settle, connection } = await desked()
    const running = call('desk@1/later')
    await settle()
    await session.renewCredentials(value('ann 2'))
    waiting[0]?.()
    expect([await running, await call('desk@1/token'), connection.context]).toEqual([
      'ann 1',
      'ann 2',
      { name: 'ann', token: 'ann 2' },
    ])
  })

  it('refuses with an RpcError that the client receives, and keeps the context', async () => {
    const { session, call, lines } = await desked()
    const failure = await failureOf(session.renewCredentials(value('bob 1')))
    expect(failure).toMatchObject({ code: 'PERMISSION_DENIED', message: 'you are ann' })
    expect(await call('desk@1/token')).toBe('ann 1')
    expect(lines.filter(({ level }) => level === 'error' || level === 'warn')).toEqual([])
  })

  it.each([
    [
      'throws an error that is not an RpcError',
      () => {
        throw new Error('password=secret')
      },
    ],
    ['does not return an object', () => undefined as never],
  ])('that %s refuses with INTERNAL, and the server logs the reason', async (_, renewContext) => {
    const { session, call, lines } = await desked({ renewContext })
    const failure = await failureOf(session.renewCredentials(value('ann 2')))
    expect(failure).toMatchObject({
      code: 'INTERNAL',
      message: 'The server failed. Its log has the reason under c1.',
    })
    expect(lines.filter(({ level }) => level === 'error')).toMatchObject([
      { facts: { connection: 'c1' }, text: 'the context of a connection could not be renewed' },
    ])
    expect(await call('desk@1/token')).toBe('ann 1')
  })

  it('receives the credentials unchanged, and the current context and connection', async () => {
    const seen: CredentialsFacts<User>[] = []
    const { session, connection } = await desked({
      renewContext: (facts) => {
        seen.push({ ...facts })
        return userOf('ann 2')
      },
    })
    await session.renewCredentials({ kind: 'raw', bytes: Uint8Array.of(1, 2) })
    await session.renewCredentials(value({ token: 5 }))
    expect(seen).toEqual([
      {
        auth: Uint8Array.of(1, 2),
        challenge: undefined,
        isAnswer: false,
        connection,
        context: userOf('ann 1'),
      },
      { auth: { token: 5 }, challenge: undefined, isAnswer: false, connection, context: userOf('ann 2') },
    ])
  })

  it('has no effect if it takes longer than credentialsTimeoutMs', async () => {
    const decided: (() => void)[] = []
    const { session, call, settle, until } = await desked(
      {
        renewContext: async ({ auth }) => {
          await new Promise<void>((resolve) => decided.push(resolve))
          return userOf(auth)
        },
        limits: { credentialsTimeoutMs: 300 },
      },
      { limits: { credentialsTimeoutMs: 60_000 } },
    )
    const failure = await until(failureOf(session.renewCredentials(value('ann 2'))))
    expect(failure).toMatchObject({
      code: 'DEADLINE_EXCEEDED',
      message: 'the server did not decide within 300 ms',
    })
    decided[0]?.()
    await settle()
    expect(await call('desk@1/token')).toBe('ann 1')
  })

  it('determines the context that onDisconnect receives, once', async () => {
    const gone: User[] = []
    const { session, until, connection } = await desked({
      onDisconnect: ({ context }) => void gone.push(context),
    })
    await session.renewCredentials(value('ann 2'))
    void session.close()
    await until(connection.closed())
    expect(gone).toEqual([userOf('ann 2')])
  })

  it('is required for new credentials and for challenges', async () => {
    const { session, connection } = await desked({ renewContext: undefined })
    expect(await failureOf(session.renewCredentials(value('ann 2')))).toMatchObject({ code: 'UNIMPLEMENTED' })
    await expect(connection.challenge('who')).rejects.toMatchObject({
      code: 'INVALID_OPTION',
      message: expect.stringContaining('needs the option renewContext'),
    })
  })
})

describe('connection.challenge', () => {
  it('gives the answer of the client to renewContext, with the challenge', async () => {
    const seen: unknown[] = []
    const { connection, call } = await desked(
      {
        renewContext: ({ auth, challenge, isAnswer }) => {
          seen.push({ auth, challenge, isAnswer })
          return userOf('ann 7')
        },
      },
      { challenged: (asked) => value({ asked: asked.kind === 'value' ? asked.value : 'bytes' }) },
    )
    await connection.challenge({ kind: 'code' })
    await connection.challenge(Uint8Array.of(5))
    expect(seen).toMatchObject([
      { auth: { asked: { kind: 'code' } }, challenge: { kind: 'code' }, isAnswer: true },
      { auth: { asked: 'bytes' }, challenge: Uint8Array.of(5), isAnswer: true },
    ])
    expect(await call('desk@1/token')).toBe('ann 7')
  })

  it('rejects with the error with which renewContext refused the answer', async () => {
    const { connection } = await desked({}, { challenged: () => value('bob 1') })
    expect(await failureOf(connection.challenge('who'))).toMatchObject({ code: 'PERMISSION_DENIED' })
  })

  it.each([
    [undefined, 10_000],
    [300, 300],
  ])('with timeoutMs %j rejects after %i ms, and the connection stays open', async (timeoutMs, waitedMs) => {
    const never = () => new Promise<Body>(() => {})
    const limits = { credentialsTimeoutMs: 60_000 }
    const { connection, call, until, clock } = await desked({}, { challenged: never, limits })
    const beganAtMs = clock.nowMs()
    const failure = await until(failureOf(connection.challenge('who', { timeoutMs })))
    expect(failure).toMatchObject({ code: 'DEADLINE_EXCEEDED' })
    expect(clock.nowMs() - beganAtMs).toBe(waitedMs)
    expect(await call('desk@1/token')).toBe('ann 1')
  })

  it.each([
    [{ timeoutMs: -1 }, 'timeoutMs is -1, not a number of milliseconds of at least 0'],
    [{ timeoutMs: Number.NaN }, 'timeoutMs is NaN'],
    [{ timeoutMs: '5' }, 'timeoutMs is "5"'],
    [{ timeout: 5 }, 'timeout'],
    [5, 'options is 5'],
  ])('refuses the options %j, and sends nothing to the client', async (options, text) => {
    const asked: unknown[] = []
    const { connection, settle } = await desked({}, { challenged: (body) => value(asked.push(body)) })
    await expect(connection.challenge('who', options as never)).rejects.toMatchObject({
      code: 'INVALID_OPTION',
      message: expect.stringContaining(text),
    })
    await settle()
    expect(asked).toEqual([])
  })
})

describe('The option context', () => {
  const twice: Options['context'] = async ({ hello, challenge }) => {
    const nonce = await challenge({ nonce: 1 })
    const raw = await challenge(Uint8Array.of(1))
    return { name: 'ann', token: JSON.stringify([hello.auth, nonce, raw ?? 'nothing']) }
  }

  it('can challenge the client before it lets the client in', async () => {
    const { call } = await desked(
      { context: twice },
      { challenged: (asked) => (asked.kind === 'raw' ? { kind: 'none' } : value({ proof: asked })) },
    )
    expect(await call('desk@1/token')).toBe(
      JSON.stringify(['ann 1', { proof: value({ nonce: 1 }) }, 'nothing']),
    )
  })

  it('may leave a challenge without a handler for its rejection, and the process survives when the client leaves', async () => {
    const asked: Promise<unknown>[] = []
    const { connection, session, until } = await desked(
      {
        context: ({ challenge }) => {
          asked.push(challenge('who'))
          return userOf('ann 1')
        },
      },
      { challenged: () => new Promise(() => {}) },
    )
    expect(await failureOf(asked[0] as Promise<unknown>)).toMatchObject({ code: 'FAILED_PRECONDITION' })
    void session.close({ graceMs: 0 })
    await until((connection as ServerConnection).closed())
  })
})
