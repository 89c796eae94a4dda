import { type ClientOptions, createClient, type FailedSubscription } from '@frameport/client'
import { contract, event, procedure, RpcError } from '@frameport/protocol'
import type { IncomingCall, IncomingSubscription, SessionEvent } from '@frameport/protocol/session'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { z } from 'zod'
import { playedSession } from './support/played-session.ts'

const board = contract('board', {
  version: 1,
  procedures: { ping: procedure({}) },
  events: { news: event(z.string()), own: event(z.string(), { topic: z.string(), subscribe: 'clients' }) },
  clientProcedures: { ask: procedure({}) },
})

/** A client, and a session that plays its server and answers no subscription. */
async function played(options: Partial<ClientOptions> = {}) {
  const subscriptions: IncomingSubscription[] = []
  const calls: IncomingCall[] = []
  const { clock, connection, session } = playedSession([{ ...board.announcement, isBothWays: true }], {
    handlers: {
      call: (call) => void calls.push(call),
      subscription: (asked) => void subscriptions.push(asked),
    },
  })
  const handlers = {
    ask: () => {
      throw new Error('no idea')
    },
  }
  const client = createClient(board, connection, { environment: clock, handlers, ...options })
  await clock.until(client.$connection.opened())
  onTestFinished(async () => {
    session.abort({ code: 'ABORTED', message: 'done' })
    await clock.until(client.$connection.closed())
  })
  const emit = (sent: Pick<SessionEvent, 'event'> & { readonly value: unknown }) =>
    session.emit({ event: sent.event, topic: '', body: { kind: 'value', value: sent.value } })
  const refuse = () => subscriptions.shift()?.call.fail(new RpcError('PERMISSION_DENIED', 'Not you.'))
  return { clock, client, session, subscriptions, calls, emit, refuse }
}

function watchConsole() {
  const warn = vi.spyOn(console, 'warn').mockImplementation(() => undefined)
  onTestFinished(() => warn.mockRestore())
  const from = warn.mock.calls.length
  return () => warn.mock.calls.slice(from).map(([text]) => String(text))
}

describe('the console of a client without hooks', () => {
  it('shows once which event is not valid, and why', async () => {
    const lines = watchConsole()
    const { client, clock, emit } = await played()
    client.$on('news', () => undefined)
    for (const value of [5, 6]) emit({ event: 'board@1/news', value })
    await clock.settle()
    expect(lines()).toEqual([
      expect.stringMatching(
        /^frameport: the payload of board\/news is not valid.*set onInvalidEvent to see each\.$/,
      ),
    ])
  })

  it('shows once which handler failed, and how', async () => {
    const lines = watchConsole()
    const { clock, session } = await played()
    for (let times = 0; times < 2; times += 1) {
      const settled = new Promise((resolve) => {
        session.call(
          { procedure: 'board@1/ask', input: { kind: 'none' } },
          { item: () => undefined, settled: resolve },
        )
      })
      await clock.until(settled)
    }
    expect(lines()).toEqual([
      'frameport: the handler of board/ask failed: no idea. Further ones are not reported: set onHandlerFailed to see each.',
    ])
  })

  it('shows once which subscription was refused, with one full stop', async () => {
    const lines = watchConsole()
    const { client, clock, refuse } = await played()
    for (const topic of ['a', 'b']) client.$on('own', topic, () => undefined)
    await clock.settle()
    refuse()
    refuse()
    await clock.settle()
    expect(lines()).toEqual([
      'frameport: the server does not subscribe this client to board/own (PERMISSION_DENIED): Not you. ' +
        'Further ones are not reported: set onSubscribeFailed to see each.',
    ])
  })
})

describe('a refused subscription', () => {
  const told = async () => {
    const failed: FailedSubscription[] = []
    const made = await played({ onSubscribeFailed: (one) => void failed.push(one) })
    const listening = made.client.$on('own', 'a', () => undefined)
    await made.clock.settle()
    return { ...made, listening, failed }
  }

  it('is reported to onSubscribeFailed with its event and its topic', async () => {
    const { clock, failed, refuse } = await told()
    refuse()
    await clock.settle()
    expect(failed).toEqual([
      {
        event: 'board/own',
        topic: 'a',
        error: expect.objectContaining({ code: 'PERMISSION_DENIED' }),
        wasSubscribed: false,
      },
    ])
  })

  it('is reported while the connection closes in order', async () => {
    const { client, clock, failed, refuse } = await told()
    const ping = client.ping()
    const closed = client.$close()
    await clock.settle()
    expect(client.$connection.state).toBe('draining')
    refuse()
    await clock.settle()
    expect(failed).toHaveLength(1)
    void Promise.allSettled([ping, closed])
  })

  it('is not reported when the connection is gone', async () => {
    const { client, clock, failed, session } = await told()
    session.abort({ code: 'ABORTED', message: 'gone' })
    await clock.until(client.$connection.closed())
    await clock.settle()
    expect(failed).toEqual([])
  })
})
