import { contract, procedure, RpcError } from '@frameport/protocol'
import type { IncomingCall } from '@frameport/protocol/session'
import { implement, type ServerConnection, type ServerOptions } from '@frameport/server'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { failureOf, type JoinOptions, join, opened } from '../support/joined.ts'

const deskOf = (version: number, name = 'desk') =>
  contract(name, {
    version,
    procedures: { askMe: procedure({ output: z.string() }) },
    clientProcedures: {
      ask: procedure({ output: z.string() }),
      take: procedure({ upload: z.number(), output: z.string() }),
    },
  })
const desk = deskOf(1)
const room = contract('room', { version: 1, procedures: { ping: procedure({}) } })

/** Answers each call with the text `here`, whether the call has an upload or not. */
const answer = (call: IncomingCall) => {
  call.upload?.receive({
    item: () => undefined,
    end: () => call.respond({ kind: 'value', value: 'here' }),
  })
  if (call.upload === undefined) call.respond({ kind: 'value', value: 'here' })
}
const bothWays = { ...desk.announcement, isBothWays: true }
const withHandlers: JoinOptions = { contracts: [bothWays], onCall: answer }

/** A server of one contract with client procedures and one without. */
const open = (options: Partial<ServerOptions<object>> = {}) =>
  opened(
    [
      implement(room).handlers({ ping: () => undefined }),
      implement(desk).handlers({ askMe: ({ connection }) => connection.client(desk).ask() }),
    ] as never,
    options as never,
  )

describe('A call to a client', () => {
  it('is answered if the client has announced that it serves the contract in this version', async () => {
    const client = await join(open(), withHandlers)
    expect(await client.call('desk@1/askMe')).toBe('here')
  })

  it.each<[string, JoinOptions['contracts']]>([
    ['announced nothing', []],
    ['only calls the contract', [desk.announcement]],
    ['serves the contract in another version', [{ ...deskOf(2).announcement, isBothWays: true }]],
    ['serves another contract', [{ ...deskOf(1, 'table').announcement, isBothWays: true }]],
  ])('fails without reaching a client that %s', async (_, contracts = []) => {
    const client = await join(open(), { contracts, onCall: answer })
    expect((await failureOf(client.call('desk@1/askMe'))).code).toBe('UNIMPLEMENTED')
    expect(client.calls).toEqual([])
  })

  it('is answered by a client that also serves other contracts', async () => {
    const contracts = [{ ...deskOf(1, 'table').announcement, isBothWays: true }, bothWays]
    const client = await join(open(), { contracts, onCall: answer })
    expect(await client.call('desk@1/askMe')).toBe('here')
  })

  it('is only possible for the contracts that the server announces with calls in both directions', async () => {
    const client = await join(open(), { contracts: [room.announcement, bothWays] })
    expect(client.session.peer?.contracts).toMatchObject([
      { name: 'room', serves: true, calls: false },
      { name: 'desk', serves: true, calls: true },
    ])
  })
})

describe('The deadline of a call to a client', () => {
  it.each([
    ['is the deadline of the call whose handler makes it', {}, 5_000],
    ['is the default of the option if that is earlier', { clientCalls: { defaultDeadlineMs: 2_000 } }, 2_000],
    ['is the default if deadlines are not inherited', { clientCalls: { inheritDeadline: false } }, 30_000],
  ])('%s', async (_, options, leftMs) => {
    const stage = open(options)
    const client = await join(stage, withHandlers)
    await client.call('desk@1/askMe', undefined, { deadlineMs: 5_000 })
    expect(client.calls[0]?.deadlineAtMs).toBe(stage.clock.nowMs() + leftMs)
  })
})

describe('The client functions of a connection', () => {
  it('fail if they are called before the server has let the client in, and work after that', async () => {
    let early: ReturnType<ServerConnection['client']> | undefined
    let before: unknown
    const stage = open({
      context: async ({ connection }) => {
        early = connection.client(desk)
        before = await failureOf((early as never as { ask(): Promise<string> }).ask())
        return {}
      },
    })
    const client = await join(stage, withHandlers)
    const functions = early as never as { ask(): Promise<string> }
    expect(before).toMatchObject({
      code: 'UNAVAILABLE',
      message: expect.stringContaining('has not let the client in yet'),
    })
    expect(await stage.until(functions.ask())).toBe('here')
    client.session.close()
    await stage.until(client.connection.closed())
    const after = await failureOf(stage.until(functions.ask()))
    expect([after.code, after.message.includes('let in')]).toEqual(['UNAVAILABLE', false])
  })

  it('report a closed connection, not a client that waits to be let in, after the server has refused the client', async () => {
    let early: { ask(): Promise<string> } | undefined
    const stage = open({
      context: async ({ connection }) => {
        early = connection.client(desk) as never
        throw new RpcError('PERMISSION_DENIED', 'no')
      },
    })
    const client = await join(stage, withHandlers)
    await stage.until(client.connection.closed())
    const after = await failureOf(stage.until(early!.ask()))
    expect([after.code, after.message.includes('let in')]).toEqual(['UNAVAILABLE', false])
  })

  it('exist only for contracts of the server, and are the same object each time', async () => {
    const { connection } = await join(open(), withHandlers)
    expect(connection.client(desk)).toBe(connection.client(desk))
    const client = (given: unknown) => () => connection.client(given as never)
    expect(client(deskOf(2))).toThrow(
      expect.objectContaining({ code: 'UNKNOWN_CONTRACT', message: expect.stringMatching(/^desk: /) }),
    )
    expect(client(undefined)).toThrow(/^undefined: /)
    expect(client({ name: 5 })).toThrow(/^an object: /)
  })

  it('return the answer although a hook of the call throws, and the error is logged', async () => {
    const stage = open()
    const { connection } = await join(stage, withHandlers)
    const boom = new Error('boom')
    const onProgress = () => {
      throw boom
    }
    expect(await stage.until(connection.client(desk).take([1], { onProgress }) as Promise<string>)).toBe(
      'here',
    )
    const { level, facts, text } = stage.lines.find((line) => line.level === 'error')!
    expect([level, facts, text]).toEqual([
      'error',
      { connection: 'c1', err: boom },
      'a hook of a call to a client threw',
    ])
  })
})
