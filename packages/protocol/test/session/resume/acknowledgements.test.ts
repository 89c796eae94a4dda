import { describe, expect, it } from 'vitest'
import type { Envelope } from '../../../src/envelope/index.ts'
import type { SessionLimits } from '../../../src/session/index.ts'
import { firstCall, openProbe, rawBody } from '../../support/raw-peer.ts'
import { keepingClient, keepingServer, peerKeeps, sent } from '../../support/resuming-peers.ts'
import { startCall } from '../../support/sessions.ts'

describe('the acknowledgement of received envelopes', () => {
  it('is sent after an eighth of what the peer keeps, and otherwise after resumeAckMs', async () => {
    const { time, peer } = await keepingClient({ resumeAckMs: 500 })
    const event = (length: number): Envelope =>
      ({ kind: 'event', event: 'a@1/e', topic: '', metadata: {}, body: rawBody(length) }) as Envelope
    peer.send(event(8_000))
    await time.settle()
    expect(peer.received).toEqual([])
    peer.send(event(500))
    await time.settle()
    expect(peer.received).toEqual([{ kind: 'ack', received: 2 }])
    peer.send(event(10), event(10))
    await time.advance(499)
    expect(peer.received).toHaveLength(1)
    await time.advance(1)
    expect(peer.received).toEqual([
      { kind: 'ack', received: 2 },
      { kind: 'ack', received: 4 },
    ])
    await time.advance(10_000)
    expect(sent(peer.received, 'ack')).toHaveLength(2)
  })

  it('is included in pings and pongs, and then not sent again', async () => {
    const { time, peer } = await keepingClient()
    peer.send({ kind: 'event', event: 'a@1/e', topic: '', metadata: {}, body: rawBody(1) } as Envelope)
    peer.send({ kind: 'ping', token: 9 })
    await time.advance(2_000)
    expect(peer.received).toEqual([{ kind: 'pong', token: 9, received: 1 }])
    peer.received.length = 0
    await time.advance(15_000)
    expect(peer.received).toEqual([expect.objectContaining({ kind: 'ping', received: 1 })])
  })

  it('counts envelopes of unknown kinds, and none of the link', async () => {
    const { time, peer } = await keepingClient()
    peer.sendFrame(Uint8Array.of(0x8a, 0))
    peer.sendFrame(Uint8Array.of(0xca, 0))
    peer.send({ kind: 'skip' }, { kind: 'pong', token: 0 })
    await time.advance(1_000)
    expect(peer.received).toEqual([{ kind: 'ack', received: 2 }])
  })

  it('is sent before the goaway of an orderly end', async () => {
    const { time, session, peer } = await keepingClient()
    peer.send({ kind: 'skip' })
    await time.settle()
    void session.close()
    await time.settle()
    expect(peer.received.map(({ kind }) => kind)).toEqual(['ack', 'goaway'])
    session.abort({ code: 'ABORTED', message: 'enough' })
    await time.advance(10_000)
  })

  it.each([
    ['of frames that were never sent', { kind: 'ack', received: 1 }],
    ['of frames that were never sent, in a ping', { kind: 'ping', token: 1, received: 1 }],
  ] as const)('%s breaks the protocol', async (_what, envelope) => {
    const { time, recorder, peer } = await keepingClient()
    peer.send(envelope)
    await time.settle()
    expect(peer.received.at(-1)).toMatchObject({ kind: 'goaway', code: 'PROTOCOL_VIOLATION' })
    await time.advance(10_000)
    expect(recorder.closes[0]?.code).toBe('PROTOCOL_VIOLATION')
  })

  it('of less than before breaks the protocol', async () => {
    const { time, session, recorder, peer } = await keepingClient()
    startCall(session)
    await time.settle()
    peer.send({ kind: 'ack', received: 1 }, { kind: 'ack', received: 0 })
    await time.advance(10_000)
    expect(recorder.closes[0]).toMatchObject({
      code: 'PROTOCOL_VIOLATION',
      message: 'an acknowledgement of 0 envelopes after one of 1',
    })
  })

  it('is ignored by a session that ends with its connection', async () => {
    const { time, session, peer } = await openProbe('client', { peerLimits: peerKeeps })
    peer.send({ kind: 'ack', received: 5 }, { kind: 'ping', token: 1, received: 7 })
    await time.settle()
    expect([session.state, peer.received]).toEqual(['open', [{ kind: 'pong', token: 1 }]])
  })
})

describe('envelopes without an acknowledgement', () => {
  it('are kept up to resumeBytes; then calls wait, but no cancels, until half of them are acknowledged', async () => {
    const { time, session, peer } = await keepingClient()
    const input = { kind: 'raw', bytes: new Uint8Array(8_000) } as const
    const calls = Array.from({ length: 20 }, () => startCall(session, 'a/b', { input }))
    await time.settle()
    const before = sent(peer.received, 'call').length
    expect(before).toBe(9)
    expect(session.stats().memory.keptBytes).toBeGreaterThan(65_536)
    calls[0]?.call.cancel()
    await time.settle()
    expect(sent(peer.received, 'cancel')).toHaveLength(1)
    peer.send({ kind: 'ack', received: 4 })
    await time.settle()
    expect(sent(peer.received, 'call')).toHaveLength(before)
    peer.send({ kind: 'ack', received: 6 })
    await time.settle()
    expect(sent(peer.received, 'call').length).toBeGreaterThan(before)
    session.abort({ code: 'ABORTED', message: 'enough' })
    await time.advance(10_000)
    expect(time.timers).toEqual([])
    expect(session.stats().memory.keptBytes).toBe(0)
  })

  it('may be a single one that is longer than resumeBytes', async () => {
    const { time, session, peer } = await keepingClient({ pieceBytes: 500_000 })
    const long = startCall(session, 'a/b', { input: { kind: 'raw', bytes: new Uint8Array(300_000) } })
    const next = startCall(session)
    await time.settle()
    expect(sent(peer.received, 'call')).toHaveLength(1)
    peer.send({ kind: 'ack', received: 1 })
    await time.settle()
    expect(sent(peer.received, 'call')).toHaveLength(2)
    expect([long.code, next.code]).toEqual(['PENDING', 'PENDING'])
    session.abort({ code: 'ABORTED', message: 'enough' })
    await time.advance(10_000)
  })

  it('end the session when calls wait for longer than stalledTimeoutMs', async () => {
    const { time, session, recorder } = await keepingClient({
      stalledTimeoutMs: 2_000,
      heartbeatIntervalMs: 0,
    })
    const input = { kind: 'raw', bytes: new Uint8Array(70_000) } as const
    const outcome = startCall(session, 'a/b', { input })
    await time.advance(1_999)
    expect(session.state).toBe('open')
    await time.advance(10_000)
    expect(recorder.closes[0]).toMatchObject({
      code: 'LIMIT_EXCEEDED',
      message: 'the peer has acknowledged too little for 2000 ms',
    })
    expect(outcome.code).toBe('UNAVAILABLE')
    expect(time.timers).toEqual([])
  })

  it('do not end the session of a peer that acknowledges, however slowly', async () => {
    const { time, session, recorder, peer } = await keepingClient({
      stalledTimeoutMs: 2_000,
      heartbeatIntervalMs: 0,
    })
    const input = { kind: 'raw', bytes: new Uint8Array(8_000) } as const
    for (let number = 0; number < 20; number += 1) startCall(session, 'a/b', { input })
    for (let received = 1; received <= 4; received += 1) {
      await time.advance(1_900)
      peer.send({ kind: 'ack', received })
      await time.settle()
    }
    expect(session.state).toBe('open')
    await time.advance(10_000)
    expect(recorder.closes[0]).toMatchObject({ code: 'LIMIT_EXCEEDED' })
  })

  /** A session of a server without slots, whose peer makes calls and acknowledges nothing. */
  async function unacknowledging(limits: Partial<SessionLimits>) {
    const { time, connect } = keepingServer({ callsInFlightMax: 0, heartbeatIntervalMs: 0, ...limits })
    const first = await connect()
    let at = first
    let callId = -1
    const call = (count: number) => {
      for (let n = 0; n < count; n += 1) {
        callId += 2
        at.peer.send({ ...firstCall, callId })
      }
    }
    const again = async () => {
      at.cut()
      await time.settle()
      at = await connect({ ...at.answer.session!, received: 0 })
      return at.answer.received !== undefined
    }
    return { time, session: first.session, recorder: first.recorder, call, again }
  }

  it('end the session when those that cannot wait exceed about twice resumeBytes', async () => {
    const { time, session, recorder, call } = await unacknowledging({ stalledTimeoutMs: 10_000_000 })
    let peak = 0
    for (let second = 0; second < 100 && recorder.closes.length === 0; second += 1) {
      call(100)
      await time.advance(1_000)
      peak = Math.max(peak, session.stats().memory.keptBytes)
    }
    expect([peak > 65_536, peak < 3 * 65_536]).toEqual([true, true])
    expect(recorder.closes[0]).toMatchObject({
      code: 'LIMIT_EXCEEDED',
      message: expect.stringContaining('resumeBytes of this side is 65536'),
    })
    await time.advance(10_000)
    expect(time.timers).toEqual([])
  })

  it('end the session after stalledTimeoutMs, summed over all of its connections', async () => {
    const { time, session, recorder, call, again } = await unacknowledging({ stalledTimeoutMs: 10_000 })
    call(950)
    await time.settle()
    expect(session.stats().memory.keptBytes).toBeGreaterThan(65_536)
    for (let round = 0; round < 3; round += 1) {
      await time.advance(3_000)
      expect(await again()).toBe(true)
    }
    await time.advance(999)
    expect(session.state).toBe('open')
    await time.advance(5_000)
    expect(recorder.closes[0]).toMatchObject({
      code: 'LIMIT_EXCEEDED',
      message: 'the peer has acknowledged too little for 10000 ms',
    })
    expect(await again()).toBe(false)
    await time.advance(60_000)
  })

  it('make further answers wait as values in the slots of their calls', async () => {
    const { time, connect } = keepingServer()
    const { recorder, peer, session } = await connect()
    peer.send(...[1, 3, 5, 7].map((callId): Envelope => ({ ...firstCall, callId })))
    await time.settle()
    for (const call of recorder.calls) call.respond({ kind: 'raw', bytes: new Uint8Array(60_000) })
    await time.settle()
    const before = sent(peer.received, 'result').length + sent(peer.received, 'more').length
    expect(sent(peer.received, 'result').length).toBeLessThan(4)
    expect(session.callsInFlight).toBeGreaterThan(0)
    // The session goes on reading. Otherwise it would not receive the acknowledgement.
    for (let received = before; session.callsInFlight > 0 && received < 100; received += 1) {
      const count = peer.received.filter(({ kind }) => kind === 'result' || kind === 'more').length
      peer.send({ kind: 'ack', received: count })
      await time.settle()
    }
    expect(sent(peer.received, 'result')).toHaveLength(4)
    session.abort({ code: 'ABORTED', message: 'enough' })
    await time.advance(10_000)
  })
})
