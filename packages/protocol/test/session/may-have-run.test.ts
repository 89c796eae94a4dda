import { describe, expect, it } from 'vitest'
import { RpcError } from '../../src/index.ts'
import { asMayHaveRun, mayHaveRun } from '../../src/may-have-run.ts'
import type { IncomingCall } from '../../src/session/index.ts'
import { credit, firstCall, json, noBody, openProbe, type Probe } from '../support/raw-peer.ts'
import { type Outcome, raw, startCall, value } from '../support/sessions.ts'

type Case = keyof typeof mayHaveRun

const goaway = (lastCallId: number) =>
  ({ kind: 'goaway', code: 'CLOSED', text: '', lastCallId, metadata: {} }) as const
const result = (text: string) => ({ kind: 'result', callId: 1, metadata: {}, body: json(text) }) as const
const cut = (probe: Probe) => probe.peer.stream.abort()

/** A client's call after each of these acts. */
const atTheCaller: readonly [Case, string, (probe: Probe, outcome: Outcome) => unknown, object?][] = [
  ['notSent', 'waits for a slot and is cancelled', (_, { call }) => call.cancel(), { callsInFlightMax: 0 }],
  [
    'notSent',
    'waits for a slot and is cancelled with a reason that says that it may have run',
    (_, { call }) => call.cancel(new RpcError('ABORTED', '', { maybeExecuted: true })),
    { callsInFlightMax: 0 },
  ],
  [
    'notSent',
    'waits for a slot until its deadline',
    ({ time }) => time.advance(2_000),
    { callsInFlightMax: 0 },
  ],
  ['notSent', 'waits for a slot when the connection is cut', cut, { callsInFlightMax: 0 }],
  ['sentAndUnanswered', 'is cancelled', (_, { call }) => call.cancel()],
  [
    'sentAndUnanswered',
    'is cancelled with a reason that does not say whether it may have run',
    (_, { call }) => call.cancel(new RpcError('ABORTED', 'by a signal')),
  ],
  ['sentAndUnanswered', 'passes its deadline', ({ time }) => time.advance(2_000)],
  ['sentAndUnanswered', 'loses its connection', cut],
  [
    'sentAndUnanswered',
    'outlives the grace period of a close',
    ({ session }) => void session.close({ graceMs: 0 }),
  ],
  [
    'sentAndUnanswered',
    'is accepted by a peer that ends with an error',
    ({ peer }) => peer.send({ ...goaway(1), code: 'LIMIT_EXCEEDED' }),
  ],
  ['notTaken', 'is not accepted by a peer that closes', ({ peer }) => peer.send(goaway(0))],
  ['answerUnusable', 'gets a result that is not JSON', ({ peer }) => peer.send(result('{'))],
  [
    'answerUnusable',
    'gets a result that is too long',
    ({ peer }) => peer.send(result(`"${'x'.repeat(2_000)}"`)),
  ],
]

/** The failure that a callee sends after each of these acts. */
const atTheCallee: readonly [Case, string, (probe: Probe, call: IncomingCall) => unknown][] = [
  [
    'begunAndGivenUp',
    'is cancelled',
    ({ peer }, call) => {
      peer.send({ kind: 'cancel', callId: 1, code: 'CANCELLED', text: '' })
      call.signal.addEventListener('abort', () => call.fail(new RpcError('CANCELLED', 'stopped')))
    },
  ],
  [
    'begunAndGivenUp',
    'is cancelled and does not stop',
    async ({ peer, time }) => {
      peer.send({ kind: 'cancel', callId: 1, code: 'CANCELLED', text: '' })
      await time.advance(6_000)
    },
  ],
  [
    'begunAndGivenUp',
    'outlives the grace period of a close',
    ({ session }) => void session.close({ graceMs: 0 }),
  ],
  ['handlerBroke', 'returns a value without a JSON form', (_, call) => call.respond(value(1n))],
  ['handlerBroke', 'returns items for a unary call', (_, call) => call.end()],
  [
    'handlerBroke',
    'throws data without a JSON form',
    (_, call) => call.fail(new RpcError('GONE', '', { data: 1n })),
  ],
  [
    'handlerBroke',
    'returns more than the limit of the peer',
    (_, call) => call.respond(raw(new Uint8Array(2_000_000))),
  ],
]

describe('a call that', () => {
  it.each(atTheCaller)('%s: %s', async (name, _, happens, peerLimits = {}) => {
    const probe = await openProbe('client', { peerLimits, limits: { bodyBytesMax: 1_000 } })
    const outcome = startCall(probe.session, 'a/b', { deadlineMs: 1_000 })
    await probe.time.settle()
    await happens(probe, outcome)
    await probe.time.advance(500)
    expect(outcome.error?.maybeExecuted).toBe(mayHaveRun[name])
  })

  it.each(['{', `"${'x'.repeat(2_000)}"`])('answerUnusable: gets an item that is %.3s', async (body) => {
    const { peer, session, time } = await openProbe('client', { limits: { bodyBytesMax: 1_000 } })
    const outcome = startCall(session, 'a/b', { initialCredit: credit(1) })
    peer.send({ kind: 'item', callId: 1, sequence: 0, body: json(body) })
    await time.settle()
    expect(outcome.error?.maybeExecuted).toBe(mayHaveRun.answerUnusable)
  })

  it.each(atTheCallee)('%s, at the callee: %s', async (name, _, happens) => {
    const probe = await openProbe('server')
    probe.peer.send(firstCall)
    await probe.time.settle()
    await happens(probe, probe.recorder.calls[0] as IncomingCall)
    await probe.time.advance(500)
    expect(probe.peer.all('failure')).toMatchObject([{ callId: 1, maybeExecuted: mayHaveRun[name] }])
  })

  it('handlerBroke: makes the callback that handles it throw', async () => {
    const { peer, time, recorder } = await openProbe('server')
    recorder.onCall = () => {
      throw new Error('a defect')
    }
    peer.send(firstCall)
    await time.settle()
    expect(peer.all('failure')).toMatchObject([{ maybeExecuted: mayHaveRun.handlerBroke }])
  })

  it.each([
    ['has no slot', { callsInFlightMax: 0 }, firstCall],
    ['has an input that is not JSON', {}, { ...firstCall, body: json('{') }],
    ['arrived with no time left', {}, { ...firstCall, deadlineMs: 0 }],
  ])('notBegun: %s', async (_, limits, call) => {
    const { peer, time } = await openProbe('server', { limits })
    peer.send(call)
    await time.settle()
    expect(peer.all('failure')).toMatchObject([{ maybeExecuted: mayHaveRun.notBegun }])
  })

  it.each(['cancel', 'close'])('notBegun: has arrived only in part when it ends by a %s', async (how) => {
    const { peer, time, session, recorder } = await openProbe('server')
    peer.send({ ...firstCall, body: json('"begin'), goesOn: true })
    await time.settle()
    if (how === 'cancel') peer.send({ kind: 'cancel', callId: 1, code: 'CANCELLED', text: '' })
    else void session.close({ graceMs: 0 })
    await time.advance(500)
    expect(recorder.calls).toEqual([])
    expect(peer.all('failure')).toMatchObject([{ maybeExecuted: mayHaveRun.notBegun }])
  })

  it.each([true, false])(
    'fails at its callee has the maybeExecuted of the callee (%s), although its data are no JSON',
    async (maybeExecuted) => {
      for (const body of [noBody, json('{')]) {
        const { peer, time, session } = await openProbe('client')
        const outcome = startCall(session)
        peer.send({ kind: 'failure', callId: 1, code: 'GONE', text: '', maybeExecuted, metadata: {}, body })
        await time.settle()
        expect(outcome.error?.maybeExecuted).toBe(maybeExecuted)
      }
    },
  )
})

it('asMayHaveRun changes nothing but maybeExecuted, and returns the same failure if that is equal', () => {
  const cause = new Error('why')
  const error = new RpcError('GONE', 'gone', { data: { a: 1 }, retryAfterMs: 5, cause })
  expect(asMayHaveRun(error, false)).toBe(error)
  const changed = asMayHaveRun(error, true)
  expect(changed).toMatchObject({
    code: 'GONE',
    message: 'gone',
    data: { a: 1 },
    retryAfterMs: 5,
    maybeExecuted: true,
  })
  expect(changed.cause).toBe(cause)
})
