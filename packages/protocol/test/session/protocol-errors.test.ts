import { describe, expect, it } from 'vitest'
import { firstCall, json, openProbe } from '../support/raw-peer.ts'
import { startCall, value } from '../support/sessions.ts'

describe('a protocol error', () => {
  it.each([
    ['a malformed envelope', '0300', 'MALFORMED_ENVELOPE'],
    ['an unknown kind', '100000', 'UNKNOWN_KIND'],
    ["a procedure's name in invalid UTF-8", '0300010261ff', 'MALFORMED_ENVELOPE'],
  ])(
    'of %s closes with its code, tells the peer, and does not affect other connections',
    async (_, hex, code) => {
      const one = await openProbe('server')
      const other = await openProbe('server')
      one.peer.sendFrame(hex)
      await one.time.advance(2_000)
      expect(one.recorder.closes).toMatchObject([{ code }])
      expect(one.peer.goawayCode).toBe(code)
      expect(other.session.state).toBe('open')
      expect(one.time.timers).toEqual([])
    },
  )

  it('is reported after the answers to good frames before it', async () => {
    const { peer, time, recorder } = await openProbe('server')
    recorder.onCall = (incoming) => incoming.respond(value('ok'))
    peer.send(firstCall)
    peer.sendFrame('ff')
    peer.send({ ...firstCall, callId: 3 })
    peer.sendFrame('7f')
    peer.send({ ...firstCall, callId: 5 })
    await time.advance(2_000)
    expect(peer.kinds).toEqual(['result', 'result', 'goaway'])
    expect(recorder.calls).toHaveLength(2)
  })

  it('of a frame over frameBytesMax closes before its bytes have arrived', async () => {
    const { peer, time, recorder } = await openProbe('server', { limits: { frameBytesMax: 100_000 } })
    peer.sendBytes(Uint8Array.of(0, 1, 0x86, 0xa1))
    await time.advance(2_000)
    expect(recorder.closes).toMatchObject([{ code: 'FRAME_TOO_LONG' }])
    expect(peer.goawayCode).toBe('FRAME_TOO_LONG')
  })

  it('of a length that looks like another protocol is only a frame too long after the handshake', async () => {
    const { peer, time, recorder } = await openProbe('server')
    peer.sendBytes('GET / HTTP/1.1')
    await time.advance(2_000)
    expect(recorder.closes).toMatchObject([{ code: 'FRAME_TOO_LONG' }])
  })

  it('with a peer that goes on sending closes after a linger, and nothing more is handled', async () => {
    const { peer, time, recorder } = await openProbe('server')
    peer.sendFrame('7f')
    peer.send(firstCall)
    await time.settle()
    peer.send({ ...firstCall, callId: 3 })
    await time.advance(2_000)
    expect(recorder.calls).toEqual([])
    expect(recorder.closes).toHaveLength(1)
  })

  it('settles calls of both directions once', async () => {
    const { peer, time, session, recorder } = await openProbe('server')
    const outcome = startCall(session)
    peer.send(firstCall, { kind: 'result', callId: 4, metadata: {}, body: json('1') })
    await time.advance(2_000)
    expect(outcome.settlements).toMatchObject([{ error: { code: 'UNAVAILABLE', maybeExecuted: true } }])
    expect(recorder.calls[0]?.signal.aborted).toBe(true)
  })
})
