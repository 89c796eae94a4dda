import { describe, expect, it } from 'vitest'
import { RpcError } from '../../src/index.ts'
import { credit, json, noBody, openProbe } from '../support/raw-peer.ts'
import { connected, startCall, value } from '../support/sessions.ts'

describe('a deadline', () => {
  it('fails the call at its caller, and aborts the handler at the callee', async () => {
    const { time, client, server } = await connected()
    const outcome = startCall(client.session, 'chat/join', { deadlineMs: 200 })
    await time.settle()
    const [call] = server.recorder.calls
    expect(call?.deadlineAtMs).toBe(time.nowMs() + 200)
    await time.advance(199)
    expect([outcome.code, call?.signal.aborted]).toEqual(['PENDING', false])
    await time.advance(1)
    expect(outcome.error).toMatchObject({ code: 'DEADLINE_EXCEEDED', maybeExecuted: true })
    expect(call?.signal.reason).toMatchObject({ code: 'DEADLINE_EXCEEDED' })
    call?.fail(new RpcError('CANCELLED', 'stopped'))
    await time.settle()
    expect([client.session.callsInFlight, server.session.callsInFlight]).toEqual([0, 0])
  })

  it('is sent as the remaining time', async () => {
    const { peer, time, session } = await openProbe('client', { peerLimits: { callsInFlightMax: 1 } })
    startCall(session)
    startCall(session, 'chat/join', { deadlineMs: 500 })
    await time.advance(120)
    peer.send({ kind: 'result', callId: 1, metadata: {}, body: noBody })
    await time.settle()
    expect(peer.all('call')[1]).toMatchObject({ callId: 3, deadlineMs: 380 })
  })

  it('that passes while the call is queued fails it unsent', async () => {
    const { peer, time, session } = await openProbe('client', { peerLimits: { callsInFlightMax: 0 } })
    const outcome = startCall(session, 'chat/join', { deadlineMs: 50 })
    await time.advance(50)
    expect(outcome.error).toMatchObject({
      code: 'DEADLINE_EXCEEDED',
      maybeExecuted: false,
      message:
        'the deadline of the call has passed before it was sent: 0 calls are open, the callsInFlightMax of the peer is 0',
    })
    expect(peer.kinds).toEqual([])
    expect(session.callsInFlight).toBe(0)
  })

  it.each([0, -5])('of %i ms fails the call unsent, in a later microtask', async (deadlineMs) => {
    const { peer, time, session } = await openProbe('client')
    const outcome = startCall(session, 'chat/join', { deadlineMs })
    expect(outcome.code).toBe('PENDING')
    await time.settle()
    expect(outcome.error).toMatchObject({ code: 'DEADLINE_EXCEEDED', maybeExecuted: false })
    expect(peer.kinds).toEqual([])
  })

  it.each([Number.NaN, Number.POSITIVE_INFINITY])('of %d is refused', async (deadlineMs) => {
    const { time, client } = await connected()
    const outcome = startCall(client.session, 'chat/join', { deadlineMs })
    await time.settle()
    expect(outcome.code).toBe('INVALID_ARGUMENT')
  })

  it('longer than a timer can count does not fire early', async () => {
    const { time, client } = await connected({
      client: { limits: { heartbeatIntervalMs: 0 } },
      server: { limits: { heartbeatIntervalMs: 0 } },
    })
    const deadlineMs = 2 ** 31 + 5_000
    const outcome = startCall(client.session, 'chat/join', { deadlineMs })
    await time.advance(2 ** 31 + 4_999)
    expect(outcome.code).toBe('PENDING')
    await time.advance(1)
    expect(outcome.code).toBe('DEADLINE_EXCEEDED')
  })

  it('of 0 is answered without running the handler', async () => {
    const { peer, time, recorder } = await openProbe('server')
    peer.send({
      kind: 'call',
      callId: 1,
      procedure: 'a/b',
      deadlineMs: 0,
      upload: false,
      metadata: {},
      body: noBody,
    })
    await time.settle()
    expect(peer.all('failure')).toMatchObject([{ callId: 1, code: 'DEADLINE_EXCEEDED' }])
    expect(recorder.calls).toEqual([])
  })

  it('leaves no timer on either side after the call was answered or cancelled', async () => {
    const { time, client, server } = await connected()
    const timersBefore = time.timers
    const answered = startCall(client.session, 'chat/join', { deadlineMs: 200 })
    const left = startCall(client.session, 'chat/join', { deadlineMs: 200 })
    await time.settle()
    server.recorder.calls[0]?.respond(value(1))
    left.call.cancel()
    await time.settle()
    server.recorder.calls[1]?.fail(new RpcError('CANCELLED', 'stopped'))
    await time.settle()
    expect([answered.code, left.code, time.timers]).toEqual(['OK', 'CANCELLED', timersBefore])
  })

  it('of thousands of calls at once leaves no call and no timer', async () => {
    const limits = { callsInFlightMax: 5_000, callsAbandonedMax: 5_000, heartbeatIntervalMs: 0 }
    const { time, client, server } = await connected({ client: { limits }, server: { limits } })
    const outcomes = Array.from({ length: 5_000 }, () =>
      startCall(client.session, 'chat/join', { deadlineMs: 20 }),
    )
    // Until the last timer, that of a frame deadline, has fired.
    await time.advance(50 + 30_000)
    expect(new Set(outcomes.map(({ code }) => code))).toEqual(new Set(['DEADLINE_EXCEEDED']))
    expect(outcomes.every(({ settlements }) => settlements.length === 1)).toBe(true)
    expect([client.session.callsInFlight, server.session.callsInFlight, time.timers]).toEqual([0, 0, []])
  })
})

describe('a cancel', () => {
  it('settles the call at once, and aborts the handler with its code', async () => {
    const { time, client, server } = await connected()
    const outcome = startCall(client.session)
    await time.settle()
    outcome.call.cancel()
    expect(outcome.error).toMatchObject({ code: 'CANCELLED' })
    await time.settle()
    expect(server.recorder.calls[0]?.signal.reason).toMatchObject({ code: 'CANCELLED' })
    outcome.call.cancel()
    expect(outcome.settlements).toHaveLength(1)
  })

  it('carries the given error', async () => {
    const { time, client, server } = await connected()
    const outcome = startCall(client.session)
    await time.settle()
    outcome.call.cancel(new RpcError('ABORTED', 'the user left'))
    await time.settle()
    expect(outcome.code).toBe('ABORTED')
    expect(server.recorder.calls[0]?.signal.reason).toMatchObject({
      code: 'ABORTED',
      message: 'the user left',
    })
  })

  it('of a queued call is not sent', async () => {
    const { peer, time, session } = await openProbe('client', { peerLimits: { callsInFlightMax: 0 } })
    startCall(session).call.cancel()
    await time.settle()
    expect(peer.kinds).toEqual([])
  })

  it('settles a refused call once, when the refusal was not reported yet', async () => {
    const { time, client } = await connected()
    const outcome = startCall(client.session, 'chat/join', { deadlineMs: -1 })
    outcome.call.cancel()
    await time.settle()
    expect(outcome.settlements).toMatchObject([{ error: { code: 'CANCELLED' } }])
  })

  it('also works for calls of a server to its client', async () => {
    const { time, client, server } = await connected()
    const outcome = startCall(server.session, 'chat/confirm')
    await time.settle()
    outcome.call.cancel()
    await time.settle()
    expect(client.recorder.calls[0]?.signal.aborted).toBe(true)
  })

  it('rejects a producer that waits for credit, whose later items are dropped', async () => {
    const { time, client, server } = await connected()
    const outcome = startCall(client.session, 'chat/history', { initialCredit: credit(0) })
    await time.settle()
    const [call] = server.recorder.calls
    const rejected = expect(call?.ready()).rejects.toMatchObject({ code: 'CANCELLED' })
    outcome.call.cancel()
    await time.settle()
    await rejected
    await expect(call?.ready()).rejects.toMatchObject({ code: 'CANCELLED' })
    expect(() => call?.sendItem(value(1))).not.toThrow()
  })

  it('makes later envelopes for the call be ignored', async () => {
    const { peer, time, session, recorder } = await openProbe('client')
    const outcome = startCall(session, 'chat/history', { initialCredit: credit(5) })
    outcome.call.cancel()
    peer.send(
      { kind: 'item', callId: 1, sequence: 0, body: json('1') },
      { kind: 'end', callId: 1, metadata: {} },
      { kind: 'result', callId: 1, metadata: {}, body: json('1') },
      { kind: 'failure', callId: 1, code: 'A', text: '', maybeExecuted: false, metadata: {}, body: noBody },
    )
    await time.settle()
    expect([session.state, outcome.items, outcome.settlements.length]).toEqual(['open', [], 1])
    expect(recorder.closes).toEqual([])
  })

  it('and a credit are ignored for calls that have ended', async () => {
    const { peer, time, session, recorder } = await openProbe('server')
    recorder.onCall = (call) => call.respond(value(1))
    peer.send(
      { kind: 'call', callId: 1, procedure: 'a/b', upload: false, metadata: {}, body: noBody },
      { kind: 'cancel', callId: 1, code: 'CANCELLED', text: '' },
      { kind: 'credit', callId: 1, items: 1, bytes: 0 },
    )
    await time.settle()
    expect([session.state, peer.kinds]).toEqual(['open', ['result']])
  })

  it('shows in a signal that is first read afterwards', async () => {
    const { time, client, server } = await connected()
    const outcome = startCall(client.session)
    await time.settle()
    outcome.call.cancel()
    await time.settle()
    expect(server.recorder.calls[0]?.signal.aborted).toBe(true)
  })

  it('counts handlers that do not stop, and refuses new calls over callsAbandonedMax', async () => {
    const { time, client, server } = await connected({ server: { limits: { callsAbandonedMax: 2 } } })
    for (let index = 0; index < 2; index += 1) {
      const outcome = startCall(client.session)
      await time.settle()
      outcome.call.cancel()
    }
    await time.advance(5_000)
    const refused = startCall(client.session)
    await time.settle()
    expect(refused.code).toBe('RESOURCE_EXHAUSTED')
    server.recorder.calls[0]?.fail(new RpcError('CANCELLED', 'stopped'))
    const taken = startCall(client.session)
    await time.settle()
    expect(taken.code).toBe('PENDING')
  })
})

describe('the id of a call', () => {
  const call = { kind: 'call', procedure: 'a/b', upload: false, metadata: {}, body: noBody } as const

  it.each([
    ['used again while open', [5, 5]],
    ['used again after its answer', [5, 5]],
    ['lower than one before', [5, 3]],
  ])('%s ends the session', async (name, ids) => {
    const { peer, time, recorder } = await openProbe('server')
    if (name.includes('answer')) recorder.onCall = (incoming) => incoming.respond(value(1))
    peer.send(...ids.map((callId) => ({ ...call, callId })))
    await time.advance(2_000)
    expect(recorder.closes).toMatchObject([{ code: 'PROTOCOL_VIOLATION' }])
    expect(recorder.calls).toHaveLength(1)
  })

  it('may skip numbers', async () => {
    const { peer, time, recorder, session } = await openProbe('server')
    peer.send({ ...call, callId: 1 }, { ...call, callId: 99 })
    await time.settle()
    expect([session.state, recorder.calls.length]).toEqual(['open', 2])
  })
})
