import { describe, expect, it } from 'vitest'
import { network } from '../support/network.ts'
import { firstCall, hello, openProbe, RawPeer } from '../support/raw-peer.ts'
import { connected, openSide, startCall, value } from '../support/sessions.ts'
import { StoppableProcess } from '../support/stoppable-process.ts'

const limits = { heartbeatIntervalMs: 1_000, heartbeatTimeoutMs: 500 }

describe('a heartbeat', () => {
  it('pings when nothing came for heartbeatIntervalMs, once per silence', async () => {
    const { peer, time } = await openProbe('server', { limits })
    await time.advance(999)
    expect(peer.kinds).toEqual([])
    await time.advance(1)
    expect(peer.kinds).toEqual(['ping'])
    await time.advance(400)
    expect(peer.kinds).toEqual(['ping'])
  })

  it('is satisfied by any byte, even half a frame', async () => {
    const { peer, time, session } = await openProbe('server', { limits })
    for (let turn = 0; turn < 20; turn += 1) {
      await time.advance(1_400)
      peer.sendBytes(turn === 0 ? Uint8Array.of(0, 0, 0, 200) : Uint8Array.of(1))
      await time.settle()
      expect(session.state).toBe('open')
    }
  })

  it('closes heartbeatTimeoutMs after an unanswered ping, and its calls fail as maybe executed', async () => {
    const { time, session, recorder } = await openProbe('client', { limits })
    const outcome = startCall(session)
    await time.advance(1_500)
    expect(session.state).toBe('open')
    await time.advance(1)
    expect(outcome.error).toMatchObject({ code: 'UNAVAILABLE', maybeExecuted: true })
    await time.advance(2_000)
    expect(recorder.closes).toMatchObject([{ code: 'HEARTBEAT_TIMEOUT' }])
    expect(time.timers).toEqual([])
  })

  it('keeps two idle sides together for hours', async () => {
    const { time, client, server } = await connected()
    await time.advance(6 * 3_600_000)
    expect([client.session.state, server.session.state]).toEqual(['open', 'open'])
    void client.session.close()
    await time.advance(2_000)
    expect(time.timers).toEqual([])
  })

  it('of 0 sends nothing', async () => {
    const { peer, time, session } = await openProbe('server', { limits: { heartbeatIntervalMs: 0 } })
    await time.advance(3_600_000)
    expect([session.state, peer.kinds]).toEqual(['open', []])
  })

  it('does not take a suspension of this process for the death of the peer', async () => {
    const { time, a, b } = network()
    const process = new StoppableProcess(time)
    const server = openSide('server', process, b, { limits })
    const client = openSide('client', process, a, { limits })
    await time.settle()
    await process.stopFor(3_600_000)
    await time.advance(5_000)
    expect([client.session.state, server.session.state]).toEqual(['open', 'open'])
  })

  it('looks once more for bytes that arrived while the process was busy, before it gives up', async () => {
    const { time, a, b } = network()
    const process = new StoppableProcess(time)
    const { session, stream } = openSide('server', process, a, { limits })
    const peer = new RawPeer(b)
    peer.send(hello)
    await time.advance(1_000)
    peer.send({ kind: 'pong', token: 1 })
    stream.pause()
    await process.stopFor(10_000)
    stream.resume()
    await time.advance(10)
    expect(session.state).toBe('open')
  })

  it('keeps a peer that goes on reading a long answer in front of the ping', async () => {
    const pair = { windowBytes: 1_000, chunking: { bytes: 1_000 }, latencyMs: 200 }
    const { time, client, server } = await connected({
      server: { limits },
      client: { limits: { heartbeatIntervalMs: 0 } },
      pair,
    })
    const outcome = startCall(client.session)
    await time.advance(400)
    server.recorder.calls[0]?.respond(value('x'.repeat(20_000)))
    await time.advance(8_000)
    expect([server.session.state, outcome.code]).toEqual(['open', 'OK'])
  })

  it('gives up on a peer that stops reading in the middle of a long answer', async () => {
    const pair = { windowBytes: 1_000, chunking: { bytes: 1_000 }, latencyMs: 200 }
    const { peer, time, recorder, session } = await openProbe('server', { limits }, pair)
    recorder.onCall = (call) => call.respond(value('x'.repeat(20_000)))
    peer.send(firstCall)
    await time.advance(4_000)
    const bytesTaken = peer.bytesReceived
    expect([session.state, bytesTaken > 1_000, bytesTaken < 20_000]).toEqual(['open', true, true])
    peer.stream.pause()
    await time.advance(3 * limits.heartbeatTimeoutMs)
    expect([session.state, peer.bytesReceived < 20_000]).toEqual(['closed', true])
    await time.advance(20_000)
    expect(recorder.closes).toMatchObject([{ code: 'HEARTBEAT_TIMEOUT' }])
    expect(time.timers).toEqual([])
  })

  it('gives up on a silent peer although later envelopes still fit into the connection', async () => {
    const { peer, time, recorder, session } = await openProbe('server', { limits })
    peer.stream.pause()
    for (let sentMs = 0; sentMs < 1_500; sentMs += 100) {
      expect([session.state, session.queuedBytes]).toEqual(['open', 0])
      session.emit({ event: 'a/b', topic: '', body: value(sentMs) })
      await time.advance(100)
    }
    await time.advance(1)
    expect(session.state).toBe('closed')
    await time.advance(20_000)
    expect(recorder.closes).toMatchObject([{ code: 'HEARTBEAT_TIMEOUT' }])
  })

  it('does not judge the peer while this side does not read', async () => {
    const { peer, time, recorder, session, stream } = await openProbe(
      'server',
      { limits: { ...limits, answerBytesQueuedMax: 1_000 } },
      { windowBytes: 1_000, lowWatermarkBytes: 500 },
    )
    recorder.onCall = (call) => call.respond(value('x'.repeat(5_000)))
    peer.stream.pause()
    peer.send(firstCall)
    await time.advance(30_000)
    expect([stream.isPaused, session.state]).toEqual([true, 'open'])
    peer.stream.resume()
    await time.settle()
    expect(stream.isPaused).toBe(false)
    await time.advance(1_400)
    expect(session.state).toBe('open')
  })

  it('starts again when this side reads again: it pings after heartbeatIntervalMs, and gives up on a silent peer', async () => {
    const { peer, time, recorder, session, stream } = await openProbe(
      'server',
      { limits: { ...limits, answerBytesQueuedMax: 1_000 } },
      { windowBytes: 1_000, lowWatermarkBytes: 500 },
    )
    recorder.onCall = (call) => call.respond(value('x'.repeat(5_000)))
    peer.stream.pause()
    peer.send(firstCall)
    await time.advance(20_500)
    peer.stream.resume()
    await time.settle()
    expect(stream.isPaused).toBe(false)
    await time.advance(999)
    expect(peer.kinds).toEqual(['result'])
    await time.advance(1)
    expect(peer.kinds).toEqual(['result', 'ping'])
    await time.advance(limits.heartbeatTimeoutMs)
    expect(session.state).toBe('open')
    await time.advance(1)
    expect(session.state).toBe('closed')
    await time.advance(20_000)
    expect(recorder.closes).toMatchObject([{ code: 'HEARTBEAT_TIMEOUT' }])
    expect(time.timers).toEqual([])
  })
})

describe('pings of the peer', () => {
  it('are answered one by one in order with their token', async () => {
    const { peer, time } = await openProbe('server', {}, { chunking: { bytes: 1 } })
    for (const token of [0, 1, 300, Number.MAX_SAFE_INTEGER]) peer.send({ kind: 'ping', token })
    await time.settle()
    expect(peer.all('pong').map(({ token }) => token)).toEqual([0, 1, 300, Number.MAX_SAFE_INTEGER])
  })

  it('may fill the burst and then come once a second', async () => {
    const { peer, time, session } = await openProbe('server', { limits: { pingsBurstMax: 10 } })
    for (let token = 0; token < 10; token += 1) peer.send({ kind: 'ping', token })
    for (let token = 0; token < 5; token += 1) {
      await time.advance(1_000)
      peer.send({ kind: 'ping', token })
    }
    await time.settle()
    expect([session.state, peer.all('pong').length]).toEqual(['open', 15])
  })

  it.each([11, 1_000])('close the session when %i come at once and 10 are allowed', async (count) => {
    const { peer, time, recorder } = await openProbe('server', { limits: { pingsBurstMax: 10 } })
    for (let token = 0; token < count; token += 1) peer.send({ kind: 'ping', token })
    await time.advance(2_000)
    expect(recorder.closes).toMatchObject([{ code: 'LIMIT_EXCEEDED' }])
    expect([peer.all('pong').length, peer.goawayCode]).toEqual([10, 'LIMIT_EXCEEDED'])
  })

  it('that nobody sent may be answered: a pong on its own is ignored', async () => {
    const { peer, time, session } = await openProbe('server')
    peer.send({ kind: 'pong', token: 77 })
    await time.settle()
    expect(session.state).toBe('open')
  })
})
