import { describe, expect, it } from 'vitest'
import type { Envelope } from '../../src/envelope/index.ts'
import { json, noBody, openProbe, probe } from '../support/raw-peer.ts'
import { connected, openSide, startCall, value } from '../support/sessions.ts'
import { streamPair } from '../support/stream-pair.ts'
import { VirtualTime } from '../support/virtual-time.ts'

const call: Extract<Envelope, { kind: 'call' }> = {
  kind: 'call',
  callId: 1,
  procedure: 'a/b',
  upload: false,
  metadata: {},
  body: noBody,
}

describe('an orderly close', () => {
  it('tells the peer, waits for open calls of both directions, and ends with CLOSED', async () => {
    const { time, client, server } = await connected()
    const asked = startCall(client.session)
    const confirm = startCall(server.session, 'chat/confirm')
    await time.advance()
    const closed = server.session.close()
    await time.advance(100)
    expect([server.session.state, client.session.state, client.recorder.goaways]).toEqual([
      'draining',
      'draining',
      1,
    ])
    server.recorder.calls[0]?.respond(value('late but there'))
    client.recorder.calls[0]?.respond(value('yes'))
    await time.advance(100)
    await closed
    expect([asked.value, confirm.value]).toEqual(['late but there', 'yes'])
    expect([client, server].map(({ recorder }) => recorder.closes)).toMatchObject([
      [{ code: 'CLOSED' }],
      [{ code: 'CLOSED' }],
    ])
    expect(time.timers).toBe(0)
  })

  it('lets no side start a call afterwards: they fail unsent with UNAVAILABLE', async () => {
    const { time, client, server } = await connected()
    startCall(client.session)
    await time.advance()
    void server.session.close()
    const fromServer = startCall(server.session)
    await time.advance()
    const fromClient = startCall(client.session)
    expect(fromClient.code).toBe('PENDING')
    await time.advance()
    for (const outcome of [fromServer, fromClient]) {
      expect(outcome.error).toMatchObject({ code: 'UNAVAILABLE', maybeExecuted: false })
    }
  })

  it('settles calls that crossed the goaway as not executed', async () => {
    const { time, client, server } = await connected({ pair: { latencyMs: 10 } })
    const before = startCall(client.session)
    await time.advance(20)
    void server.session.close()
    const crossing = startCall(client.session)
    await time.advance(25)
    expect(crossing.error).toMatchObject({ code: 'UNAVAILABLE', maybeExecuted: false })
    expect([before.code, server.recorder.calls.length]).toEqual(['PENDING', 1])
  })

  it('gives up on open calls after graceMs: each side settles them once, maybe executed', async () => {
    const { time, client, server } = await connected()
    const asked = startCall(client.session)
    const confirm = startCall(server.session, 'chat/confirm')
    await time.advance()
    void server.session.close({ graceMs: 300 })
    await time.advance(299)
    expect([asked.code, confirm.code]).toEqual(['PENDING', 'PENDING'])
    await time.advance(2_000)
    for (const outcome of [asked, confirm]) {
      expect(outcome.settlements).toMatchObject([{ error: { code: 'UNAVAILABLE', maybeExecuted: true } }])
    }
    expect(server.recorder.calls[0]?.signal.aborted).toBe(true)
    expect(client.recorder.calls[0]?.signal.aborted).toBe(true)
    expect(time.timers).toBe(0)
  })

  it('is the same however often it is asked for, and from both sides at once', async () => {
    const { time, client, server } = await connected()
    const closes = [client.session.close(), client.session.close(), server.session.close()]
    await time.advance(2_000)
    await Promise.all(closes)
    await client.session.close()
    expect([client.recorder.closes.length, server.recorder.closes.length]).toEqual([1, 1])
  })

  it('before the handshake settles the calls that waited as not executed', async () => {
    const time = new VirtualTime()
    const [a, b] = streamPair(time)
    const server = openSide('server', time, b)
    const client = openSide('client', time, a)
    const outcome = startCall(client.session)
    void client.session.close()
    await time.advance(2_000)
    expect(outcome.settlements).toMatchObject([{ error: { code: 'UNAVAILABLE', maybeExecuted: false } }])
    expect(client.recorder.closes).toMatchObject([{ code: 'CLOSED' }])
    expect(server.recorder.closes).toHaveLength(1)
    expect(time.timers).toBe(0)
  })

  it('keeps answering pings and noticing a dead peer while calls are open', async () => {
    const { peer, time, session } = await openProbe('server', { limits: { heartbeatIntervalMs: 0 } })
    peer.send(call)
    await time.advance()
    void session.close({ graceMs: 60_000 })
    peer.send({ kind: 'ping', token: 9 })
    await time.advance()
    expect(peer.kinds).toEqual(['goaway', 'pong'])
  })

  it('waits for a slow reader that keeps reading, within the grace', async () => {
    const { time, client, server } = await connected({
      pair: { wireBytesMax: 1_000, chunkBytesMax: 1_000, latencyMs: 50 },
    })
    const outcome = startCall(client.session)
    await time.advance(200)
    server.recorder.calls[0]?.respond(value('x'.repeat(50_000)))
    void server.session.close({ graceMs: 10_000 })
    await time.advance(9_000)
    expect(outcome.value).toHaveLength(50_000)
    expect(client.recorder.closes).toMatchObject([{ code: 'CLOSED' }])
  })

  it('cuts a peer that never ends, after closeLingerMs', async () => {
    const { time, session, recorder, stream } = await openProbe('server')
    stream.peer.pause()
    void session.close()
    await time.advance(999)
    expect(recorder.closes).toEqual([])
    await time.advance(2)
    expect(recorder.closes).toMatchObject([{ code: 'CLOSED' }])
    expect(time.timers).toBe(0)
  })
})

describe('a connection that is cut', () => {
  it('fails open calls as maybe executed and waiting ones as not, and aborts handlers, each once', async () => {
    const { time, client, server } = await connected({ server: { limits: { callsInFlightMax: 1 } } })
    const sent = startCall(client.session)
    const waiting = startCall(client.session)
    await time.advance()
    client.stream.abort(new Error('ECONNRESET'))
    await time.advance()
    expect(sent.settlements).toMatchObject([{ error: { code: 'UNAVAILABLE', maybeExecuted: true } }])
    expect(waiting.settlements).toMatchObject([{ error: { code: 'UNAVAILABLE', maybeExecuted: false } }])
    expect(client.recorder.closes).toMatchObject([
      { code: 'CONNECTION_LOST', cause: { message: 'ECONNRESET' } },
    ])
    expect(server.recorder.calls[0]?.signal.reason).toMatchObject({ code: 'UNAVAILABLE' })
    expect(server.recorder.closes).toMatchObject([{ code: 'CONNECTION_LOST' }])
    expect(time.timers).toBe(0)
  })

  it('by an end without a goaway is lost, not closed', async () => {
    const { peer, time, recorder, session } = await openProbe('client')
    const outcome = startCall(session)
    peer.stream.end()
    await time.advance(2_000)
    expect(recorder.closes).toMatchObject([{ code: 'CONNECTION_LOST' }])
    expect(outcome.error).toMatchObject({ code: 'UNAVAILABLE', maybeExecuted: true })
  })

  it('inside a frame is TRUNCATED', async () => {
    const { peer, time, recorder } = await openProbe('server')
    peer.sendBytes(Uint8Array.of(0, 0, 0, 9, 3))
    peer.stream.end()
    await time.advance(2_000)
    expect(recorder.closes).toMatchObject([{ code: 'TRUNCATED' }])
  })

  it('by abort() settles at once with the reason that was given', async () => {
    const { time, client, server } = await connected()
    const outcome = startCall(client.session)
    await time.advance()
    client.session.abort({ code: 'ABORTED', message: 'enough' })
    expect(outcome.error).toMatchObject({ code: 'UNAVAILABLE', maybeExecuted: true })
    client.session.abort({ code: 'LIMIT_EXCEEDED', message: 'again' })
    await time.advance()
    expect(client.recorder.closes).toEqual([{ code: 'ABORTED', message: 'enough' }])
    expect(server.recorder.closes).toHaveLength(1)
  })

  it('makes later calls fail unsent, and later events not taken', async () => {
    const { time, client } = await connected()
    client.session.abort({ code: 'ABORTED', message: 'enough' })
    const outcome = startCall(client.session)
    await time.advance()
    expect(outcome.error).toMatchObject({ code: 'UNAVAILABLE', maybeExecuted: false })
    expect(client.session.emit({ event: 'a/b', topic: '', body: value(1) })).toBe('closed')
  })
})

describe('a goaway of the peer', () => {
  it('with an error code closes with that code, and its text is shown without control characters', async () => {
    const { peer, time, recorder, session } = await openProbe('client')
    const outcome = startCall(session)
    peer.send({
      kind: 'goaway',
      code: 'LIMIT_EXCEEDED',
      text: 'too \u001b[31mmany\n',
      lastCallId: 1,
      metadata: {},
    })
    await time.advance(2_000)
    expect(recorder.closes).toEqual([
      {
        code: 'LIMIT_EXCEEDED',
        message: 'the peer closed the session with LIMIT_EXCEEDED: too \ufffd[31mmany\ufffd',
      },
    ])
    expect(outcome.error).toMatchObject({ code: 'UNAVAILABLE', maybeExecuted: true })
  })

  it('with a code of a later version is a lost connection that names it', async () => {
    const { peer, time, recorder } = await openProbe('client')
    peer.send({ kind: 'goaway', code: 'MOON_PHASE', text: '', lastCallId: 0, metadata: {} })
    await time.advance(2_000)
    expect(recorder.closes[0]).toMatchObject({
      code: 'CONNECTION_LOST',
      message: expect.stringContaining('MOON_PHASE'),
    })
  })

  it('with an error code fails calls after lastCallId as not executed', async () => {
    const { peer, time, session } = await openProbe('client')
    const first = startCall(session)
    const second = startCall(session)
    peer.send({ kind: 'goaway', code: 'LIMIT_EXCEEDED', text: '', lastCallId: 1, metadata: {} })
    await time.advance()
    expect([first.error?.maybeExecuted, second.error?.maybeExecuted]).toEqual([true, false])
  })

  it('before the welcome ends the client with its code', async () => {
    const { peer, time, recorder } = probe('client')
    peer.send({ kind: 'goaway', code: 'VERSION_UNSUPPORTED', text: '2 to 3', lastCallId: 0, metadata: {} })
    await time.advance(2_000)
    expect(recorder.closes).toMatchObject([{ code: 'VERSION_UNSUPPORTED' }])
  })

  it('followed by a call of the same side refuses that call', async () => {
    const { peer, time, session } = await openProbe('server')
    peer.send(
      call,
      { kind: 'goaway', code: 'CLOSED', text: '', lastCallId: 0, metadata: {} },
      { ...call, callId: 3 },
    )
    await time.advance()
    expect(peer.all('failure')).toMatchObject([{ callId: 3, code: 'UNAVAILABLE', maybeExecuted: false }])
    expect(session.state).toBe('draining')
  })

  it('may come twice', async () => {
    const { peer, time, session, recorder } = await openProbe('server')
    const goaway: Envelope = { kind: 'goaway', code: 'CLOSED', text: '', lastCallId: 0, metadata: {} }
    peer.send(call, goaway, goaway)
    await time.advance()
    expect([session.state, recorder.goaways]).toEqual(['draining', 1])
  })
})

describe('a protocol error', () => {
  it.each([
    ['a malformed envelope', '0300', 'MALFORMED_ENVELOPE'],
    ['an unknown kind', '100000', 'UNKNOWN_KIND'],
    ["a procedure's name in invalid UTF-8", '0300010261ff', 'MALFORMED_ENVELOPE'],
  ])(
    'of %s closes with its code, says so to the peer, and leaves other connections alone',
    async (_, hex, code) => {
      const one = await openProbe('server')
      const other = await openProbe('server')
      one.peer.sendFrame(hex)
      await one.time.advance(2_000)
      expect(one.recorder.closes).toMatchObject([{ code }])
      expect(one.peer.goawayCode).toBe(code)
      expect(other.session.state).toBe('open')
      expect(one.time.timers).toBe(0)
    },
  )

  it('comes after the answers to good frames in front of it', async () => {
    const { peer, time, recorder } = await openProbe('server')
    recorder.onCall = (incoming) => incoming.respond(value('ok'))
    peer.send(call)
    peer.sendFrame('ff')
    peer.send({ ...call, callId: 3 })
    peer.sendFrame('7f')
    peer.send({ ...call, callId: 5 })
    await time.advance(2_000)
    expect(peer.kinds).toEqual(['result', 'result', 'goaway'])
    expect(recorder.calls).toHaveLength(2)
  })

  it('of a frame over frameBytesMax closes before its bytes have come', async () => {
    const { peer, time, recorder } = await openProbe('server', { limits: { frameBytesMax: 100_000 } })
    peer.sendBytes(Uint8Array.of(0, 1, 0x86, 0xa1))
    await time.advance(2_000)
    expect(recorder.closes).toMatchObject([{ code: 'FRAME_TOO_LONG' }])
    expect(peer.goawayCode).toBe('FRAME_TOO_LONG')
  })

  it('of a length that reads like another protocol is only a frame too large after the handshake', async () => {
    const { peer, time, recorder } = await openProbe('server')
    peer.sendBytes('GET / HTTP/1.1')
    await time.advance(2_000)
    expect(recorder.closes).toMatchObject([{ code: 'FRAME_TOO_LONG' }])
  })

  it('with a peer that goes on sending is lingered over, and nothing more is handled', async () => {
    const { peer, time, recorder } = await openProbe('server')
    peer.sendFrame('7f')
    peer.send(call)
    await time.advance()
    peer.send({ ...call, callId: 3 })
    await time.advance(2_000)
    expect(recorder.calls).toEqual([])
    expect(recorder.closes).toHaveLength(1)
  })

  it('settles calls of both directions once', async () => {
    const { peer, time, session, recorder } = await openProbe('server')
    const outcome = startCall(session)
    peer.send(call, { kind: 'result', callId: 4, metadata: {}, body: json('1') })
    await time.advance(2_000)
    expect(outcome.settlements).toMatchObject([{ error: { code: 'UNAVAILABLE', maybeExecuted: true } }])
    expect(recorder.calls[0]?.signal.aborted).toBe(true)
  })
})
