import { describe, expect, it } from 'vitest'
import type { SessionCloseReason } from '../../src/index.ts'
import { encodeEvent } from '../../src/session/index.ts'
import { firstCall, openProbe, probe } from '../support/raw-peer.ts'
import { Recorder, raw, startCall, value } from '../support/sessions.ts'

/** A recorder that also records the beginning of an end. */
function watching() {
  const endings: SessionCloseReason[] = []
  const recorder = Object.assign(new Recorder(), {
    ending: (reason: SessionCloseReason) => void endings.push(reason),
  })
  return { endings, recorder }
}

/** A connection that takes 100 bytes in each tenth of a second. */
const slow = { windowBytes: 100, latencyMs: 50, highWatermarkBytes: 2_000, lowWatermarkBytes: 500 }

describe('a session that ends', () => {
  it.each<[string, (side: Awaited<ReturnType<typeof openProbe>>) => unknown, string]>([
    ['aborted', ({ session }) => session.abort({ code: 'ABORTED', message: 'enough' }), 'ABORTED'],
    ['closed in order', ({ session }) => void session.close(), 'CLOSED'],
    ['cut', ({ peer }) => peer.stream.abort(), 'CONNECTION_LOST'],
    ['broken by its peer', ({ peer }) => peer.sendFrame('7f'), 'UNKNOWN_KIND'],
  ])('reports that once when it is %s, whatever happens to it afterwards', async (_, end, code) => {
    const { endings, recorder } = watching()
    const side = await openProbe('server', {}, {}, recorder)
    // Its connection is not closed immediately.
    side.peer.stream.pause()
    end(side)
    await side.time.settle()
    expect(endings).toMatchObject([{ code }])
    side.session.abort({ code: 'ABORTED', message: 'again' })
    void side.session.close()
    side.peer.stream.abort()
    await side.time.advance(10_000)
    expect([endings.length, recorder.closes.length]).toEqual([1, 1])
    expect(recorder.closes).toMatchObject([{ code }])
    expect(side.time.timers).toEqual([])
  })

  it('sends one goaway, however often it is closed', async () => {
    const { peer, time, session } = await openProbe('server')
    peer.send(firstCall)
    await time.settle()
    for (let count = 0; count < 3; count += 1) void session.close()
    await time.settle()
    const [goaway, ...others] = peer.all('goaway')
    expect([goaway?.code, goaway?.lastCallId, goaway?.retryAfterMs, others]).toEqual([
      'CLOSED',
      1,
      undefined,
      [],
    ])
  })

  it('has a cause in its reason only if there is one', async () => {
    const truncated = await openProbe('server')
    truncated.peer.sendBytes(Uint8Array.of(0, 0, 0))
    truncated.peer.stream.end()
    const violated = await openProbe('server')
    violated.peer.send({ kind: 'result', callId: 4, metadata: {}, body: firstCall.body })
    for (const { time } of [truncated, violated]) await time.advance(2_000)
    const reasons = [truncated, violated].map(({ recorder }) => recorder.closes[0] ?? {})
    expect(reasons.map((reason) => Object.keys(reason))).toEqual([
      ['code', 'message', 'cause', 'closedBy'],
      ['code', 'message', 'closedBy'],
    ])
  })

  it('ends in order at once when the peer closes during the handshake', async () => {
    for (const lastCallId of [undefined, 0]) {
      const { peer, time, recorder, session } = probe('client')
      const call = startCall(session)
      peer.send({ kind: 'goaway', code: 'CLOSED', text: 'bye', lastCallId, metadata: {} })
      await time.settle()
      expect([session.state, call.code]).toEqual(['closed', 'UNAVAILABLE'])
      await time.advance(2_000)
      expect(recorder.closes).toEqual([
        { code: 'CLOSED', message: 'the server closed the connection', closedBy: 'peer' },
      ])
    }
  })
})

describe('a slow peer that goes on reading', () => {
  it('gets all of its answers when it has closed in order', async () => {
    const { peer, time, session, recorder } = await openProbe('server', {}, slow)
    await time.advance(500)
    peer.send(firstCall)
    await time.advance(500)
    peer.send({ kind: 'goaway', code: 'CLOSED', text: '', lastCallId: 0, metadata: {} })
    await time.advance(500)
    expect(session.state).toBe('draining')
    recorder.calls[0]?.respond(raw(new Uint8Array(3_000)))
    await time.advance(4_500)
    expect(peer.all('result').map(({ body }) => body.bytes.length)).toEqual([3_000])
    expect(recorder.closes).toMatchObject([{ code: 'CLOSED' }])
  })

  it('is cut after closeLingerMs when it has broken the protocol', async () => {
    const { peer, time, recorder } = await openProbe('server', {}, slow)
    await time.advance(500)
    recorder.onCall = (call) => call.respond(raw(new Uint8Array(5_000)))
    peer.send(firstCall)
    await time.advance(200)
    peer.sendFrame('7f')
    await time.advance(1_200)
    expect(recorder.closes).toMatchObject([{ code: 'UNKNOWN_KIND' }])
  })

  it('receives the reason when it was too slow for its events', async () => {
    const { peer, time, session } = await openProbe(
      'server',
      { limits: { slowSubscriberMs: 100, heartbeatIntervalMs: 0 } },
      slow,
    )
    await time.advance(500)
    session.emit({ event: 'fill/er', topic: '', body: value('x'.repeat(3_000)) })
    session.emit(encodeEvent({ event: 'a/b', topic: '', body: value('y'.repeat(100_000)) }))
    await time.advance(200)
    expect(session.state).toBe('closed')
    await time.advance(5_000)
    expect(peer.goawayCode).toBe('LIMIT_EXCEEDED')
  })
})

describe('the announcement of an end', () => {
  it('needs no retry time, and mentions no calls', async () => {
    const { peer, time, session } = await openProbe('server')
    session.announceEnd()
    session.announceEnd({ retryAfterMs: 5 })
    await time.settle()
    expect(
      peer.all('goaway').map(({ text, lastCallId, retryAfterMs }) => [text, lastCallId, retryAfterMs]),
    ).toEqual([
      ['', undefined, undefined],
      ['', undefined, 5],
    ])
    expect(session.state).toBe('open')
  })

  it('is not sent before the handshake, nor while the session drains', async () => {
    const { peer, time, session } = probe('client')
    session.announceEnd()
    await time.settle()
    expect(peer.kinds).toEqual(['hello'])
    const draining = await openProbe('server')
    draining.peer.send(firstCall)
    await draining.time.settle()
    void draining.session.close()
    draining.session.announceEnd()
    await draining.time.settle()
    expect(draining.peer.all('goaway')).toHaveLength(1)
  })
})
