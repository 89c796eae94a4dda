import { type ClientOptions, createClient, type HandlerFailure } from '@frameport/client'
import { contract, procedure, type RpcError } from '@frameport/protocol'
import type { Body } from '@frameport/protocol/envelope'
import type { OutgoingCallOptions } from '@frameport/protocol/session'
import { describe, expect, it, onTestFinished } from 'vitest'
import { z } from 'zod'
import { playedSession } from './support/played-session.ts'

const Answer = z.object({ text: z.string() })
const desk = contract('desk', {
  version: 1,
  procedures: { sit: procedure({}) },
  clientProcedures: {
    ask: procedure({ output: Answer }),
    note: procedure({ input: z.string(), oneWay: true }),
    more: { tell: procedure({}) },
  },
})

const handlers = {
  ask: (): { text: string } => ({ text: 'yes' }),
  note: () => undefined,
  more: { tell: () => undefined },
}

interface PlayedOptions extends Pick<ClientOptions, 'strict' | 'limits'> {
  /** Default: the handlers above. */
  readonly answering?: Partial<typeof handlers> | 'nobody'
}

/** A client that answers its server, and a session that plays the server. */
function played({ answering = {}, ...options }: PlayedOptions = {}) {
  const failed: HandlerFailure[] = []
  const { clock, connection, session } = playedSession([{ ...desk.announcement, isBothWays: true }], {
    handlers: { call: () => undefined },
  })
  const client = createClient(desk, connection, {
    environment: clock,
    onContractDifferences: () => undefined,
    ...(answering === 'nobody' ? {} : { handlers: { ...handlers, ...answering } }),
    onHandlerFailed: (one: HandlerFailure) => void failed.push(one),
    ...options,
  } as never)
  onTestFinished(async () => {
    session.abort({ code: 'ABORTED', message: 'done' })
    await clock.until(client.$connection.closed())
  })
  const settled = (name: string, more: Partial<OutgoingCallOptions> = {}) =>
    new Promise<RpcError | Body>((resolve) => {
      session.call(
        { procedure: name, input: { kind: 'none' }, ...more },
        { item: () => undefined, settled: (error, body) => resolve(error ?? body) },
      )
    })
  /** Calls the client, and returns its answer as the server sees it. */
  const call = async (name: string, more?: Partial<OutgoingCallOptions>) => {
    await clock.until(client.$connection.opened())
    const answer = await clock.until(settled(name, more))
    await clock.settle()
    return answer
  }
  return { call, failed, session }
}

const refused = (code: string, text: string) => ({ code, message: expect.stringContaining(text) })

describe('a client whose server calls', () => {
  it('an unknown procedure answers that it may have another version', async () => {
    const { call, failed } = played()
    expect(await call('desk@1/olds')).toMatchObject(refused('UNIMPLEMENTED', 'has no such procedure'))
    expect(failed).toEqual([])
  })

  it('and that has no handlers says so for procedures of its contract, and for no others', async () => {
    const { call } = played({ answering: 'nobody' })
    for (const name of ['desk@1/ask', 'desk@1/more.tell'])
      expect(await call(name)).toMatchObject(
        refused('UNIMPLEMENTED', 'without handlers: it answers no calls'),
      )
    expect(await call('desk@1/olds')).toMatchObject(refused('UNIMPLEMENTED', 'has no such procedure'))
  })

  it('a procedure as another kind of call reports its kind on this client', async () => {
    const { call } = played()
    expect(await call('desk@1/ask', { initialCredit: { items: 1, bytes: 1_000 } })).toMatchObject(
      refused('UNIMPLEMENTED', 'desk/ask gives one answer on this client'),
    )
  })

  it('a procedure with another fingerprint answers, unless it is strict', async () => {
    const other = { fingerprint: () => 'unary-00000000-00000000-00000000' }
    expect(await played().call('desk@1/ask', other)).toEqual({ kind: 'value', value: { text: 'yes' } })
    expect(await played({ strict: true }).call('desk@1/ask', other)).toMatchObject({
      code: 'FAILED_PRECONDITION',
      data: { client: desk.announcement.clientFingerprints.ask },
    })
  })

  it('sends no invalid answer, and says where the reason is reported', async () => {
    const { call, failed } = played({ answering: { ask: () => ({ text: 5 }) as never } })
    expect(await call('desk@1/ask')).toMatchObject(refused('INTERNAL', 'onHandlerFailed'))
    expect(failed).toMatchObject([{ procedure: 'desk/ask', error: { code: 'INVALID_OUTPUT' } }])
  })

  it('sends only those parts of an answer that the contract has', async () => {
    const { call } = played({ answering: { ask: () => ({ text: 'yes', secret: 'no' }) } })
    expect(await call('desk@1/ask')).toEqual({ kind: 'value', value: { text: 'yes' } })
  })
})

describe('a oneway that a client does not run', () => {
  const oneway = { input: { kind: 'value', value: 'text' }, isOneway: true } as const

  it.each([
    ['desk@1/olds', 'desk@1/olds', 'UNIMPLEMENTED'],
    ['desk@1/ask', 'desk/ask', 'UNIMPLEMENTED'],
  ])('is reported to onHandlerFailed: %s', async (name, procedureName, code) => {
    const { call, failed } = played()
    await call(name, oneway)
    expect(failed).toMatchObject([{ procedure: procedureName, error: { code } }])
  })

  it('is reported to onHandlerFailed by name if the session has dropped it', async () => {
    const { call, failed } = played({
      limits: { onewaysInFlightMax: 1 },
      answering: { note: () => new Promise<undefined>(() => undefined) as never },
    })
    await call('desk@1/note', oneway)
    await call('desk@1/note', oneway)
    await call('desk@1/olds', oneway)
    const told = { code: 'ABORTED', message: expect.stringContaining('onewaysInFlightMax') }
    expect(failed).toMatchObject([
      { procedure: 'desk/note', error: told },
      { procedure: 'desk@1/olds', error: told },
    ])
  })

  it('is dropped silently if there are no handlers', async () => {
    const { call, failed } = played({ answering: 'nobody', limits: { onewaysInFlightMax: 1 } })
    await call('desk@1/note', oneway)
    await call('desk@1/note', oneway)
    expect(failed).toEqual([])
  })

  it('is not reported if it runs', async () => {
    const { call, failed } = played()
    await call('desk@1/note', oneway)
    expect(failed).toEqual([])
  })
})
