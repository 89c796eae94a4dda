import { describe, expect, it } from 'vitest'
import { RpcError } from '../../src/index.ts'
import { credit, firstCall, noBody, openProbe } from '../support/raw-peer.ts'
import { connected, raw, startCall, value } from '../support/sessions.ts'

const cancel = (callId: number) => ({ kind: 'cancel', callId, code: 'CANCELLED', text: '' }) as const
const failureOf = (callId: number) =>
  ({
    kind: 'failure',
    callId,
    code: 'CANCELLED',
    text: '',
    maybeExecuted: true,
    metadata: {},
    body: noBody,
  }) as const
const oneAtATime = { limits: { callsInFlightMax: 1 } }

describe('the slot of a cancelled call', () => {
  it('is free when the callee has answered, and not before', async () => {
    const { time, client, server } = await connected({ server: oneAtATime })
    const first = startCall(client.session)
    const second = startCall(client.session)
    await time.settle()
    first.call.cancel()
    await time.settle()
    expect([first.code, client.session.callsInFlight, server.recorder.calls.length]).toEqual([
      'CANCELLED',
      2,
      1,
    ])
    server.recorder.calls[0]?.fail(new RpcError('CANCELLED', 'stopped'))
    await time.settle()
    expect([second.code, server.recorder.calls.length]).toEqual(['PENDING', 2])
    expect(first.settlements).toHaveLength(1)
  })

  it('is not freed by a second cancel, or by a cancel after the deadline', async () => {
    const { time, client, server } = await connected({ server: oneAtATime })
    const first = startCall(client.session, 'a/b', { deadlineMs: 100 })
    const second = startCall(client.session)
    await time.advance(100)
    first.call.cancel()
    first.call.cancel()
    await time.settle()
    expect([client.session.callsInFlight, server.recorder.calls.length]).toEqual([2, 1])
    expect([first.settlements.length, second.code]).toEqual([1, 'PENDING'])
  })

  it.each(['respond', 'fail', 'end'] as const)(
    'gets an answer with the code of the cancel, whatever its handler gives by %s',
    async (method) => {
      const { peer, time, recorder, session } = await openProbe('server')
      peer.send(firstCall, { ...cancel(1), code: 'ABORTED', text: 'left' })
      await time.settle()
      expect(peer.kinds).toEqual([])
      const [call] = recorder.calls
      if (method === 'fail') call?.fail(new RpcError('NAME_TAKEN', 'taken'))
      else if (method === 'end') call?.end()
      else call?.respond(value(1))
      await time.settle()
      expect(peer.all('failure')).toMatchObject([
        { callId: 1, code: 'ABORTED', text: 'left', maybeExecuted: true },
      ])
      expect([peer.kinds, session.callsInFlight]).toEqual([['failure'], 0])
    },
  )

  it('is free after handlerStopMs although its handler runs on, whose answer is then dropped', async () => {
    const { peer, time, recorder, session } = await openProbe('server', { limits: { handlerStopMs: 300 } })
    peer.send(firstCall, cancel(1))
    await time.advance(299)
    expect([peer.kinds, session.callsInFlight]).toEqual([[], 1])
    await time.advance(1)
    expect([peer.kinds, session.callsInFlight]).toEqual([['failure'], 0])
    recorder.calls[0]?.respond(value(1))
    await time.settle()
    // These are the timers of the heartbeat and of the frame deadline.
    expect([peer.kinds, time.timers.length]).toEqual([['failure'], 2])
  })

  it('is kept when 10,000 calls are opened and cancelled, so handlers never outnumber slots', async () => {
    const limits = { callsInFlightMax: 10, refusalsPerSecondMax: 10_000 }
    const { peer, time, recorder } = await openProbe('server', { limits })
    for (let index = 0; index < 10_000; index += 1) {
      const callId = 1 + 2 * index
      peer.send({ ...firstCall, callId }, cancel(callId))
    }
    await time.settle()
    expect([recorder.calls.length, peer.all('failure').length]).toEqual([10, 9_990])
  })

  it('is limited by callsUnansweredMax, however many slots the peer announces, until the peer answers', async () => {
    const { peer, time, session } = await openProbe('client', { limits: { callsUnansweredMax: 3 } })
    for (let number = 0; number < 10; number += 1) {
      startCall(session).call.cancel()
      await time.settle()
    }
    const last = startCall(session, 'a/b', { deadlineMs: 100 })
    await time.advance(100)
    expect([peer.all('call').length, session.callsInFlight]).toEqual([3, 3])
    expect([last.code, last.error?.maybeExecuted]).toEqual(['DEADLINE_EXCEEDED', false])
    expect(last.error?.message).toContain('the peer has not answered 3 calls that were given up')
    const [answered] = peer.all('call')
    const next = startCall(session)
    peer.send(failureOf(answered?.callId ?? 0))
    await time.settle()
    expect([peer.all('call').length, next.code]).toEqual([4, 'PENDING'])
  })

  it('is also kept after the deadline, until its handler has stopped', async () => {
    const { peer, time, recorder, session } = await openProbe('server')
    peer.send({ ...firstCall, deadlineMs: 10 })
    await time.advance(20)
    expect([recorder.calls[0]?.signal.aborted, peer.kinds, session.callsInFlight]).toEqual([true, [], 1])
    recorder.calls[0]?.respond(value(1))
    await time.settle()
    expect(peer.all('failure')).toMatchObject([{ code: 'DEADLINE_EXCEEDED', maybeExecuted: true }])
  })

  it('is freed by an answer that crosses the cancel, which is then not answered', async () => {
    const { peer, time, session, recorder } = await openProbe('client')
    const outcome = startCall(session)
    outcome.call.cancel()
    peer.send({ kind: 'result', callId: 1, metadata: {}, body: noBody })
    await time.settle()
    expect([outcome.code, session.callsInFlight, recorder.closes]).toEqual(['CANCELLED', 0, []])
    peer.send({ kind: 'result', callId: 1, metadata: {}, body: noBody })
    await time.settle()
    expect(session.state).toBe('open')
  })

  it.each(['client', 'server'] as const)(
    'does not keep a %s from closing, because nobody waits for its answer',
    async (side) => {
      const { time, client, server } = await connected()
      const outcome = startCall(client.session)
      await time.settle()
      outcome.call.cancel()
      await time.settle()
      const before = time.nowMs()
      const closed = (side === 'client' ? client : server).session.close()
      await time.advance(100)
      await closed
      expect([outcome.settlements.length, server.recorder.calls[0]?.signal.aborted]).toEqual([1, true])
      expect(time.nowMs() - before).toBe(100)
    },
  )

  it.each(['client', 'server'] as const)(
    'lets a %s that closes end when the cancel comes during the close',
    async (side) => {
      const { time, client, server } = await connected()
      const outcome = startCall(client.session)
      await time.settle()
      const closed = (side === 'client' ? client : server).session.close({ graceMs: 60_000 })
      await time.advance(100)
      outcome.call.cancel()
      await time.advance(100)
      await closed
      expect([client.session.state, server.session.state]).toEqual(['closed', 'closed'])
    },
  )
})

describe('answers for a peer that does not read', () => {
  it('are encoded while they fit into answerBytesQueuedMax, and then wait in their slots', async () => {
    const limits = { answerBytesQueuedMax: 50_000 }
    const { peer, time, recorder, session } = await openProbe(
      'server',
      { limits },
      { windowBytes: 1_000, lowWatermarkBytes: 0, highWatermarkBytes: 10_000 },
    )
    peer.stream.pause()
    for (let index = 0; index < 20; index += 1) peer.send({ ...firstCall, callId: 1 + 2 * index })
    await time.settle()
    for (const call of recorder.calls) call.respond(raw(new Uint8Array(20_000)))
    await time.settle()
    expect(session.queuedBytes).toBeLessThan(50_000 + 2 * 20_000)
    expect(session.callsInFlight).toBeGreaterThan(10)
    peer.stream.resume()
    await time.advance(1_000)
    expect([peer.all('result').length, session.callsInFlight]).toEqual([20, 0])
  })

  it('of great length are encoded until they fill bodiesPartialBytesMax, and all arrive later', async () => {
    const limits = { bodiesPartialBytesMax: 100_000, bodyBytesMax: 100_000, pieceBytes: 1_000 }
    const pair = { windowBytes: 1_000, lowWatermarkBytes: 0, highWatermarkBytes: 10_000 }
    const { peer, time, recorder, session } = await openProbe('server', { limits }, pair)
    peer.stream.pause()
    for (let index = 0; index < 20; index += 1) peer.send({ ...firstCall, callId: 1 + 2 * index })
    await time.settle()
    for (const call of recorder.calls) call.respond(raw(new Uint8Array(50_000)))
    await time.settle()
    const { queuedBytes } = session.stats().memory
    expect(queuedBytes).toBeGreaterThan(100_000)
    expect(queuedBytes).toBeLessThan(100_000 + 50_000 + 20_000)
    peer.stream.resume()
    await time.advance(1_000)
    expect([peer.all('result').length, session.callsInFlight]).toEqual([20, 0])
    expect(session.stats().memory.queuedBytes).toBe(0)
  })

  it('are sent one by one when the low watermark of the connection is above answerBytesQueuedMax', async () => {
    const limits = { answerBytesQueuedMax: 100 }
    const pair = { windowBytes: 500, lowWatermarkBytes: 5_000, highWatermarkBytes: 10_000, latencyMs: 10 }
    const { peer, time, recorder, session } = await openProbe('server', { limits }, pair)
    await time.advance(100)
    for (let index = 0; index < 40; index += 1) peer.send({ ...firstCall, callId: 1 + 2 * index })
    recorder.onCall = (call) => call.respond(raw(new Uint8Array(200)))
    await time.advance(5_000)
    expect([peer.all('result').length, session.callsInFlight]).toEqual([40, 0])
  })

  it('keep their order, including failures', async () => {
    const limits = { answerBytesQueuedMax: 1_000 }
    const { peer, time, recorder } = await openProbe('server', { limits }, { windowBytes: 500 })
    peer.stream.pause()
    for (let index = 0; index < 6; index += 1) peer.send({ ...firstCall, callId: 1 + 2 * index })
    await time.settle()
    recorder.calls.forEach((call, index) => {
      if (index % 2 === 1) call.fail(new RpcError('A', 'failed'))
      else call.respond(raw(new Uint8Array(2_000)))
    })
    peer.stream.resume()
    await time.advance(1_000)
    expect(peer.received.map((envelope) => 'callId' in envelope && envelope.callId)).toEqual([
      1, 3, 5, 7, 9, 11,
    ])
  })
})

describe('credit in bytes', () => {
  it('lets an item begin while any is left, and the excess of the item is deducted later', async () => {
    const { time, client, server } = await connected()
    const outcome = startCall(client.session, 'a/b', { initialCredit: { items: 10, bytes: 100 } })
    await time.settle()
    const [call] = server.recorder.calls
    call?.sendItem(raw(new Uint8Array(60)))
    expect(call?.canSendItem).toBe(true)
    call?.sendItem(raw(new Uint8Array(1_000)))
    expect(call?.canSendItem).toBe(false)
    outcome.call.grant({ items: 0, bytes: 960 })
    await time.settle()
    expect(call?.canSendItem).toBe(false)
    outcome.call.grant({ items: 0, bytes: 1 })
    await time.settle()
    expect(call?.canSendItem).toBe(true)
    expect(outcome.itemBytes).toEqual([60, 1_000])
  })

  it('makes the next item of the peer a violation when it is used up', async () => {
    const { peer, time, session, recorder } = await openProbe('client')
    startCall(session, 'a/b', { initialCredit: { items: 10, bytes: 10 } })
    const body = { encoding: 'raw', bytes: new Uint8Array(10) } as const
    peer.send({ kind: 'item', callId: 1, sequence: 0, body })
    await time.settle()
    expect(recorder.closes).toEqual([])
    peer.send({ kind: 'item', callId: 1, sequence: 1, body })
    await time.advance(2_000)
    expect(recorder.closes).toMatchObject([{ code: 'PROTOCOL_VIOLATION' }])
  })

  it('beyond the maximum of a counter is ignored', async () => {
    const { time, client, server } = await connected()
    const most = Number.MAX_SAFE_INTEGER
    const outcome = startCall(client.session, 'a/b', { initialCredit: { items: most, bytes: most } })
    outcome.call.grant({ items: most, bytes: most })
    await time.settle()
    server.recorder.calls[0]?.sendItem(value(1))
    outcome.call.grant(credit(1))
    await time.settle()
    expect([outcome.items, client.session.state, server.session.state]).toEqual([[value(1)], 'open', 'open'])
  })
})
