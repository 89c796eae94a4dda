import { describe, expect, it } from 'vitest'
import { noBody, openProbe, probe } from '../support/raw-peer.ts'
import { startCall, value } from '../support/sessions.ts'

const limits = { frameTimeoutMs: 3_000, frameBytesPerSecondMin: 100, heartbeatIntervalMs: 0 }

/** The header of a frame of `bytes` bytes. */
const header = (bytes: number) => Uint8Array.of(0, bytes >> 16, (bytes >> 8) & 0xff, bytes & 0xff)

describe('a frame that does not end', () => {
  it.each([
    ['a header alone', header(1_000)],
    ['half a header', Uint8Array.of(0)],
    ['half a payload', Uint8Array.of(...header(200), ...new Uint8Array(100))],
  ])('ends the session with FRAME_TIMEOUT after frameTimeoutMs: %s', async (_, bytes) => {
    const { peer, time, session, recorder } = await openProbe('server', { limits })
    peer.sendBytes(bytes)
    await time.advance(2_999)
    expect(session.state).toBe('open')
    await time.advance(1)
    expect(peer.goawayCode).toBe('FRAME_TIMEOUT')
    await time.advance(2_000)
    expect(recorder.closes).toMatchObject([{ code: 'FRAME_TIMEOUT' }])
    expect(time.timers).toEqual([])
  })

  it('also does so at a client', async () => {
    const { peer, time, recorder } = await openProbe('client', { limits })
    peer.sendBytes(header(1_000))
    await time.advance(6_000)
    expect(recorder.closes).toMatchObject([{ code: 'FRAME_TIMEOUT' }])
  })

  it('may take longer at the minimum rate, and not below it', async () => {
    const { peer, time, session } = await openProbe('server', { limits })
    peer.sendBytes(header(2_000))
    for (let second = 0; second < 12; second += 1) {
      peer.sendBytes(new Uint8Array(110))
      await time.advance(1_000)
      expect(session.state).toBe('open')
    }
    // 1,320 bytes have arrived, which allow 13.2 seconds.
    await time.advance(1_000)
    expect(session.state).toBe('open')
    await time.advance(400)
    expect(peer.goawayCode).toBe('FRAME_TIMEOUT')
  })

  it('is noticed after complete frames in the same chunk', async () => {
    const { peer, time } = await openProbe('server', { limits })
    for (let at = 0; at < 5; at += 1) {
      peer.send({ kind: 'ping', token: at })
      await time.advance(1_000)
    }
    peer.send({ kind: 'ping', token: 9 })
    peer.sendBytes(header(500))
    await time.advance(2_999)
    expect(peer.goawayCode).toBe(undefined)
    await time.advance(1)
    expect(peer.goawayCode).toBe('FRAME_TIMEOUT')
  })

  it('has its own deadline, and not that of the frame before it', async () => {
    const { peer, time } = await openProbe('server', { limits })
    const ping = [0, 0, 0, 3, 0x46, 0, 1]
    // Each chunk ends one frame and begins the next.
    peer.sendBytes(Uint8Array.of(...ping, ...ping.slice(0, 5)))
    for (let at = 0; at < 20; at += 1) {
      await time.advance(1_000)
      peer.sendBytes(Uint8Array.of(...ping.slice(5), ...ping.slice(0, 5)))
    }
    await time.advance(2_999)
    expect([peer.goawayCode, peer.all('pong').length]).toEqual([undefined, 21])
    await time.advance(1)
    expect(peer.goawayCode).toBe('FRAME_TIMEOUT')
  })

  it('is limited by helloTimeoutMs before the handshake', async () => {
    const { peer, time, recorder } = probe('server', { limits: { ...limits, helloTimeoutMs: 2_000 } })
    peer.sendBytes(header(100))
    await time.advance(5_000)
    expect(recorder.closes).toMatchObject([{ code: 'HELLO_TIMEOUT' }])
  })
})

describe('the deadline of a frame', () => {
  it('stops while this side does not read, and continues afterwards', async () => {
    const pair = { windowBytes: 10_000, highWatermarkBytes: 20_000, lowWatermarkBytes: 5_000 }
    const more = { ...limits, answerBytesQueuedMax: 20_000, stalledTimeoutMs: 1_000_000 }
    const { peer, time, recorder, session, stream } = await openProbe('server', { limits: more }, pair)
    recorder.onCall = (incoming) => incoming.respond(value('x'.repeat(30_000)))
    peer.stream.pause()
    peer.send({ kind: 'call', callId: 1, procedure: 'a/b', upload: false, metadata: {}, body: noBody })
    peer.sendBytes(header(1_000))
    await time.advance(60_000)
    expect([stream.isPaused, session.state]).toEqual([true, 'open'])
    peer.stream.resume()
    await time.advance(2_900)
    expect(session.state).toBe('open')
    await time.advance(200)
    expect(peer.goawayCode).toBe('FRAME_TIMEOUT')
  })

  it('needs no timer in a quiet session', async () => {
    const { peer, time, session } = await openProbe('client', { limits })
    startCall(session)
    peer.send({ kind: 'result', callId: 1, metadata: {}, body: noBody })
    await time.advance(10_000)
    expect([session.state, time.timers]).toEqual(['open', []])
  })
})

describe('a frame whose bytes stop, with the heartbeat on,', () => {
  const silent = { frameTimeoutMs: 3_000, heartbeatIntervalMs: 2_000, heartbeatTimeoutMs: 1_500 }
  const call = Uint8Array.of(...[0, 0, 0, 3], ...[0x46, 0, 1])

  it.each([
    ['longer than the permitted silence', 3_000],
    ['shorter than the time until the first ping', 1_000],
  ])('is left to the heartbeat, with a frameTimeoutMs %s', async (_, frameTimeoutMs) => {
    const { peer, time, recorder } = await openProbe('server', { limits: { ...silent, frameTimeoutMs } })
    peer.sendBytes(header(1_000))
    await time.advance(20_000)
    expect(recorder.closes).toMatchObject([{ code: 'HEARTBEAT_TIMEOUT' }])
    expect(time.timers).toEqual([])
  })

  it('may continue before the heartbeat has given up on the peer', async () => {
    const { peer, time, session } = await openProbe('server', { limits: silent })
    peer.sendBytes(call.subarray(0, 5))
    await time.advance(3_499)
    peer.sendBytes(call.subarray(5))
    await time.advance(1)
    expect([session.state, peer.all('pong').length]).toEqual(['open', 1])
  })

  it('ends with FRAME_TIMEOUT when one byte comes for each ping', async () => {
    const { peer, time } = await openProbe('server', { limits: silent })
    peer.sendBytes(header(1_000))
    for (let byte = 0; byte < 5 && peer.goawayCode === undefined; byte += 1) {
      await time.advance(3_400)
      peer.sendBytes(Uint8Array.of(0))
    }
    await time.advance(1_600)
    expect(peer.goawayCode).toBe('FRAME_TIMEOUT')
  })

  it('ends with FRAME_TIMEOUT when its peer reads a long answer meanwhile', async () => {
    const pair = { windowBytes: 1_000, chunking: { bytes: 1_000 }, latencyMs: 200 }
    const { peer, time, recorder } = await openProbe('server', { limits: silent }, pair)
    recorder.onCall = (incoming) => incoming.respond(value('x'.repeat(40_000)))
    peer.send({ kind: 'call', callId: 1, procedure: 'a/b', upload: false, metadata: {}, body: noBody })
    peer.sendBytes(header(1_000))
    await time.advance(20_000)
    expect(recorder.closes).toMatchObject([{ code: 'FRAME_TIMEOUT' }])
  })
})
