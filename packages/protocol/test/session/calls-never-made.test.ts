import { describe, expect, it } from 'vitest'
import type { Envelope } from '../../src/envelope/index.ts'
import { credit, firstCall, json, noBody, openProbe } from '../support/raw-peer.ts'
import { startCall, value } from '../support/sessions.ts'

type Role = 'client' | 'server'

/** All envelopes that a caller sends about its call. */
const fromCaller = (callId: number): Envelope[] => [
  { kind: 'item', callId, sequence: 0, body: json('1') },
  { kind: 'more', callId, body: json('1') },
  { kind: 'end', callId, metadata: {} },
  { kind: 'credit', callId, items: 1, bytes: 1 },
  { kind: 'cancel', callId, code: 'CANCELLED', text: '' },
]

/** All envelopes that a callee sends about a call. */
const fromCallee = (callId: number): Envelope[] => [
  { kind: 'result', callId, metadata: {}, body: json('1') },
  { kind: 'result', callId, metadata: {}, body: json('1'), goesOn: true },
  { kind: 'failure', callId, code: 'A', text: '', maybeExecuted: false, metadata: {}, body: noBody },
  { kind: 'item', callId, sequence: 0, body: json('1') },
  { kind: 'more', callId, body: json('1') },
  { kind: 'end', callId, metadata: {} },
  { kind: 'credit', callId, items: 1, bytes: 1 },
  { kind: 'started', callId, metadata: {} },
  { kind: 'stop', callId },
]

/** An id for a call of the peer, and one for a call of this side. */
const idsOf = (role: Role) => (role === 'server' ? { peers: 1, own: 2 } : { peers: 2, own: 1 })

const named = (role: Role, envelopes: (callId: number) => Envelope[], id: 'peers' | 'own') =>
  envelopes(idsOf(role)[id]).map((envelope): [string, Role, Envelope] => [envelope.kind, role, envelope])

const both = (envelopes: (callId: number) => Envelope[], id: 'peers' | 'own') => [
  ...named('server', envelopes, id),
  ...named('client', envelopes, id),
]

describe('an envelope about a call that was never made', () => {
  it.each([...both(fromCaller, 'peers'), ...both(fromCallee, 'own')])(
    'is a violation: a %s at the %s',
    async (_, role, envelope) => {
      const { peer, time, recorder } = await openProbe(role)
      peer.send(envelope)
      await time.advance(2_000)
      expect(recorder.closes).toMatchObject([{ code: 'PROTOCOL_VIOLATION' }])
      expect(peer.goawayCode).toBe('PROTOCOL_VIOLATION')
      expect(time.timers).toEqual([])
    },
  )

  it.each([...both(fromCaller, 'peers'), ...both(fromCallee, 'own')])(
    'is also a violation after calls with lower ids: a %s at the %s',
    async (_, role, envelope) => {
      const { peer, time, recorder, session } = await openProbe(role)
      const { peers, own } = idsOf(role)
      recorder.onCall = (call) => call.respond(value(1))
      startCall(session)
      peer.send({ ...firstCall, callId: peers })
      await time.settle()
      const { callId } = envelope as { readonly callId: number }
      expect([peers, own]).toContain(callId)
      peer.send({ ...envelope, callId: callId + 2 } as Envelope)
      await time.advance(2_000)
      expect(recorder.closes).toMatchObject([
        {
          code: 'PROTOCOL_VIOLATION',
          message: `${/^[aeiou]/.test(envelope.kind) ? 'an' : 'a'} ${envelope.kind} for call ${callId + 2}, which was never made`,
        },
      ])
    },
  )
})

describe('an envelope about a call that has ended', () => {
  it.each(both(fromCaller, 'peers'))(
    'is ignored: a %s of its caller at the %s',
    async (_, role, envelope) => {
      const { peer, time, recorder, session } = await openProbe(role)
      recorder.onCall = (call) => call.respond(value(1))
      peer.send({ ...firstCall, callId: idsOf(role).peers })
      await time.settle()
      peer.send(envelope, { kind: 'ping', token: 7 })
      await time.settle()
      expect([session.state, peer.kinds]).toEqual(['open', ['result', 'pong']])
    },
  )

  it.each(both(fromCallee, 'own'))('is ignored: a %s of its callee at the %s', async (_, role, envelope) => {
    const { peer, time, session } = await openProbe(role)
    const outcome = startCall(session)
    peer.send({ kind: 'result', callId: idsOf(role).own, metadata: {}, body: json('1') })
    await time.settle()
    peer.send(envelope, { kind: 'ping', token: 7 })
    await time.settle()
    expect([session.state, peer.kinds, outcome.settlements.length]).toEqual(['open', ['call', 'pong'], 1])
  })

  it.each(both(fromCaller, 'peers'))(
    'is ignored when the id was skipped: a %s of its caller at the %s',
    async (_, role, envelope) => {
      const { peer, time, session } = await openProbe(role)
      peer.send({ ...firstCall, callId: idsOf(role).peers + 2 }, envelope, { kind: 'ping', token: 7 })
      await time.settle()
      expect([session.state, peer.kinds]).toEqual(['open', ['pong']])
    },
  )
})

describe('an envelope from the wrong side of a call', () => {
  const onlyFromCallee = (callId: number) =>
    fromCallee(callId).filter(({ kind }) => ['result', 'failure', 'started', 'stop'].includes(kind))

  it.each(both(onlyFromCallee, 'peers'))(
    'is a violation: a %s of its caller at the %s',
    async (_, role, envelope) => {
      const { peer, time, recorder } = await openProbe(role)
      peer.send({ ...firstCall, callId: idsOf(role).peers, credit: credit(1) }, envelope)
      await time.advance(2_000)
      expect(recorder.closes).toMatchObject([{ code: 'PROTOCOL_VIOLATION' }])
    },
  )

  it.each<Role>(['server', 'client'])('is a violation: a cancel of its callee at the %s', async (role) => {
    const { peer, time, recorder, session } = await openProbe(role)
    startCall(session)
    peer.send({ kind: 'cancel', callId: idsOf(role).own, code: 'CANCELLED', text: '' })
    await time.advance(2_000)
    expect(recorder.closes).toMatchObject([{ code: 'PROTOCOL_VIOLATION' }])
  })
})

describe('a stop or credit for a call of this side without an upload', () => {
  it.each<[Role, Envelope['kind']]>([
    ['server', 'stop'],
    ['server', 'credit'],
    ['client', 'stop'],
    ['client', 'credit'],
  ])('is a violation while the call is open: at the %s, a %s', async (role, kind) => {
    const { peer, time, recorder, session } = await openProbe(role)
    startCall(session)
    peer.send(...fromCallee(idsOf(role).own).filter((envelope) => envelope.kind === kind))
    await time.advance(2_000)
    expect(recorder.closes).toMatchObject([{ code: 'PROTOCOL_VIOLATION' }])
  })
})

describe('an item or an end of the caller for a call without an upload', () => {
  const uploads = (callId: number): Envelope[] => [
    { kind: 'item', callId, sequence: 0, body: json('1') },
    { kind: 'end', callId, metadata: {} },
  ]

  it.each(both(uploads, 'peers'))(
    'is a violation while the call is open: a %s at the %s',
    async (_, role, envelope) => {
      const { peer, time, recorder } = await openProbe(role)
      const { peers: callId } = idsOf(role)
      peer.send({ ...firstCall, callId }, envelope)
      await time.advance(2_000)
      expect(recorder.closes).toMatchObject([
        { code: 'PROTOCOL_VIOLATION', message: `an ${envelope.kind} for call ${callId}, which takes none` },
      ])
    },
  )
})

it('a skip is ignored', async () => {
  const { peer, time, session, recorder } = await openProbe('server')
  peer.send({ kind: 'skip' }, { kind: 'ping', token: 7 })
  await time.settle()
  expect([session.state, peer.kinds, recorder.calls]).toEqual(['open', ['pong'], []])
})
