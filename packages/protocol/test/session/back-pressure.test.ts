import { describe, expect, it } from 'vitest'
import type { Envelope } from '../../src/envelope/index.ts'
import { noBody, openProbe } from '../support/raw-peer.ts'
import { connected, type Side, startCall, value } from '../support/sessions.ts'

const pair = {
  windowBytes: 10_000,
  highWatermarkBytes: 20_000,
  lowWatermarkBytes: 5_000,
  chunking: { bytes: 10_000 },
}
const call = (callId: number): Envelope => ({
  kind: 'call',
  callId,
  procedure: 'a/b',
  upload: false,
  metadata: {},
  body: noBody,
})

describe('a peer that sends and does not read', () => {
  it('is no longer read from once answerBytesQueuedMax is reached, so that memory is limited', async () => {
    const { peer, time, recorder, stream } = await openProbe(
      'server',
      { limits: { answerBytesQueuedMax: 50_000 } },
      pair,
    )
    recorder.onCall = (incoming) => incoming.respond(value('x'.repeat(10_000)))
    peer.stream.pause()
    for (let id = 1; id <= 4_001; id += 2) peer.send(call(id))
    await time.advance(1_000)
    expect(stream.isPaused).toBe(true)
    expect(stream.queuedBytesPeak).toBeLessThan(50_000 + 10_100)
    expect(recorder.calls.length).toBeLessThan(10)
  })

  it('gets every answer once it reads again', async () => {
    const { peer, time, recorder, session, stream } = await openProbe(
      'server',
      { limits: { answerBytesQueuedMax: 50_000 } },
      pair,
    )
    recorder.onCall = (incoming) => incoming.respond(value('x'.repeat(10_000)))
    peer.stream.pause()
    for (let id = 1; id <= 401; id += 2) peer.send(call(id))
    await time.advance(1_000)
    peer.stream.resume()
    await time.advance(1_000)
    expect(peer.all('result').map(({ callId }) => callId)).toEqual(
      Array.from({ length: 201 }, (_, index) => 1 + 2 * index),
    )
    expect([session.state, session.queuedBytes]).toEqual(['open', 0])
    expect(stream.queuedBytesPeak).toBeLessThan(50_000 + 10_100)
  })

  it('and ends its stream is answered and closed in order', async () => {
    const { peer, time, recorder } = await openProbe(
      'server',
      { limits: { answerBytesQueuedMax: 20_000 } },
      pair,
    )
    recorder.onCall = (incoming) => incoming.respond(value('x'.repeat(10_000)))
    peer.stream.pause()
    for (let id = 1; id <= 41; id += 2) peer.send(call(id))
    peer.send({ kind: 'goaway', code: 'CLOSED', text: '', lastCallId: 0, metadata: {} })
    peer.stream.end()
    await time.advance(1_000)
    peer.stream.resume()
    await time.advance(2_000)
    expect(peer.all('result')).toHaveLength(21)
    expect(recorder.closes).toMatchObject([{ code: 'CLOSED' }])
    expect(time.timers).toEqual([])
  })

  it('is closed with LIMIT_EXCEEDED when it accepts nothing for stalledTimeoutMs', async () => {
    const limits = { answerBytesQueuedMax: 20_000, stalledTimeoutMs: 5_000 }
    const { peer, time, recorder } = await openProbe('server', { limits }, pair)
    recorder.onCall = (incoming) => incoming.respond(value('x'.repeat(10_000)))
    peer.stream.pause()
    for (let id = 1; id <= 41; id += 2) peer.send(call(id))
    await time.advance(4_999)
    expect(recorder.closes).toEqual([])
    await time.advance(2_000)
    expect(recorder.closes).toMatchObject([{ code: 'LIMIT_EXCEEDED' }])
    expect(time.timers).toEqual([])
  })

  it('is not closed while it accepts some bytes, however slowly', async () => {
    const limits = { answerBytesQueuedMax: 20_000, stalledTimeoutMs: 1_000 }
    const slow = { ...pair, windowBytes: 1_000, latencyMs: 100, chunking: 'merged' as const }
    const { peer, time, recorder } = await openProbe('server', { limits }, slow)
    recorder.onCall = (incoming) => incoming.respond(value('x'.repeat(2_000)))
    await time.advance(500)
    for (let id = 1; id <= 81; id += 2) peer.send(call(id))
    await time.advance(4_000)
    expect(peer.all('result').length).toBeLessThan(25)
    await time.advance(30_000)
    expect([peer.all('result').length, recorder.closes]).toEqual([41, []])
  })

  it('is paused for unread answers only, and not for events in the queue', async () => {
    const { peer, time, recorder, session, stream } = await openProbe(
      'server',
      { limits: { answerBytesQueuedMax: 20_000 } },
      pair,
    )
    recorder.onCall = (incoming) => incoming.respond(value('x'.repeat(8_000)))
    peer.stream.pause()
    for (const id of [1, 3, 5]) peer.send(call(id))
    await time.settle()
    peer.stream.resume()
    await time.settle()
    expect(session.queuedBytes).toBe(0)
    peer.stream.pause()
    session.emit({ event: 'a/b', topic: '', body: value('x'.repeat(100_000)) })
    peer.send(call(7))
    await time.settle()
    // Events do not delay an answer either.
    expect([recorder.calls.length, session.callsInFlight, stream.isPaused]).toEqual([4, 0, false])
  })

  it('is read from again when the session ends, so that unread bytes do not cause a TCP reset', async () => {
    const { peer, time, recorder, session, stream } = await openProbe(
      'server',
      { limits: { answerBytesQueuedMax: 20_000 } },
      pair,
    )
    recorder.onCall = (incoming) => incoming.respond(value('x'.repeat(10_000)))
    peer.stream.pause()
    for (let id = 1; id <= 41; id += 2) peer.send(call(id))
    await time.advance(100)
    const callsBefore = recorder.calls.length
    void session.close({ graceMs: 0 })
    await time.advance(100)
    expect([stream.isPaused, recorder.calls.length]).toEqual([false, callsBefore])
  })

  it('leaves no timer when the session is aborted meanwhile', async () => {
    const { peer, time, recorder, session } = await openProbe(
      'server',
      { limits: { answerBytesQueuedMax: 20_000 } },
      pair,
    )
    recorder.onCall = (incoming) => incoming.respond(value('x'.repeat(10_000)))
    peer.stream.pause()
    for (let id = 1; id <= 41; id += 2) peer.send(call(id))
    await time.advance(100)
    session.abort({ code: 'ABORTED', message: 'enough' })
    await time.settle()
    expect([recorder.closes.length, time.timers]).toEqual([1, []])
  })

  it('cannot fill the memory with pings either', async () => {
    const limits = { answerBytesQueuedMax: 1_000, pingsBurstMax: 100_000 }
    const { peer, time, stream } = await openProbe(
      'server',
      { limits },
      { ...pair, windowBytes: 100, lowWatermarkBytes: 100 },
    )
    peer.stream.pause()
    for (let token = 0; token < 5_000; token += 1) peer.send({ kind: 'ping', token })
    await time.advance(1_000)
    expect(stream.queuedBytesPeak).toBeLessThan(1_100)
  })
})

describe('two sides that call each other', () => {
  it('do not block each other, however full their queues are', async () => {
    const limits = { answerBytesQueuedMax: 30_000, callsInFlightMax: 1_000 }
    const { time, client, server } = await connected({ client: { limits }, server: { limits }, pair })
    for (const side of [client, server]) side.recorder.onCall = (incoming) => incoming.respond(incoming.input)
    const callMany = ({ session }: Side) =>
      Array.from({ length: 200 }, () => startCall(session, 'a/b', { input: value('x'.repeat(5_000)) }))
    const [ofClient, ofServer] = [callMany(client), callMany(server)]
    await time.advance(10_000)
    expect(new Set(ofClient.map(({ code }) => code))).toEqual(new Set(['OK']))
    expect(new Set(ofServer.map(({ code }) => code))).toEqual(new Set(['OK', 'RESOURCE_EXHAUSTED']))
    expect([client.session.queuedBytes, server.session.queuedBytes]).toEqual([0, 0])
  })
})

describe('a server that calls its client and does not read', () => {
  const limits = { answerBytesQueuedMax: 20_000, refusalsUnreadMax: 10 }

  it.each([
    ['at', 10, []],
    ['one over', 11, [{ code: 'LIMIT_EXCEEDED' }]],
    ['far over', 500, [{ code: 'LIMIT_EXCEEDED' }]],
  ])('is refused, and closed after refusalsUnreadMax refusals: %s', async (_, refusals, closes) => {
    const { peer, time, recorder, stream } = await openProbe('client', { limits }, pair)
    recorder.onCall = (incoming) => incoming.respond(value('x'.repeat(10_000)))
    peer.stream.pause()
    const taken = 3
    for (let index = 1; index <= taken + refusals; index += 1) peer.send(call(index * 2))
    await time.advance(2_000)
    expect(recorder.calls).toHaveLength(taken)
    expect(recorder.closes).toMatchObject(closes)
    expect([stream.isPaused, stream.queuedBytesPeak < 40_000]).toEqual([false, true])
    if (closes.length > 0) return
    peer.stream.resume()
    await time.settle()
    expect(new Set(peer.all('failure').map(({ code }) => code))).toEqual(new Set(['RESOURCE_EXHAUSTED']))
  })
})

describe('the verdict of emit', () => {
  it('is that of the channel: sent, then queued, then full', async () => {
    const { peer, session } = await openProbe('server', {}, pair)
    peer.stream.pause()
    const emit = (length: number) =>
      session.emit({ event: 'a/b', topic: '', body: value('x'.repeat(length)) })
    expect([emit(100), emit(15_000), emit(20_000)]).toEqual(['sent', 'queued', 'full'])
  })
})
