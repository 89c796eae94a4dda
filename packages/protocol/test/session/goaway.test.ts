import { describe, expect, it } from 'vitest'
import type { Envelope } from '../../src/envelope/index.ts'
import { firstCall, json, openProbe, probe } from '../support/raw-peer.ts'
import { startCall } from '../support/sessions.ts'

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
        closedBy: 'peer',
        message: 'the peer closed the session with LIMIT_EXCEEDED: too \ufffd[31mmany ',
      },
    ])
    expect(outcome.error).toMatchObject({ code: 'UNAVAILABLE', maybeExecuted: true })
  })

  it.each(['CLOSED', 'OVERLOADED'])(
    'with %s and a retry time passes that on in the close reason, and to every call that fails because of it',
    async (code) => {
      const { peer, time, recorder, session } = await openProbe('client')
      const first = startCall(session)
      const second = startCall(session)
      peer.send({ kind: 'goaway', code, text: '', lastCallId: 1, retryAfterMs: 40, metadata: {} })
      await time.settle()
      const later = startCall(session)
      peer.stream.end()
      await time.advance(2_000)
      const afterwards = startCall(session)
      await time.settle()
      expect([first, second, later, afterwards].map(({ error }) => error)).toMatchObject(
        [true, false, false, false].map((maybeExecuted) => ({
          code: 'UNAVAILABLE',
          maybeExecuted,
          retryAfterMs: 40,
        })),
      )
      expect(recorder.closes).toMatchObject([{ code, retryAfterMs: 40 }])
      expect(second.error?.message).toBe(
        'the server is closing and did not accept the call: call again on a new connection',
      )
    },
  )

  it('of a client names the client as the closing side in refused calls', async () => {
    const { peer, time, session } = await openProbe('server')
    const outcome = startCall(session)
    peer.send({ kind: 'goaway', code: 'CLOSED', text: '', lastCallId: 0, metadata: {} })
    await time.settle()
    expect(outcome.error).toMatchObject({ code: 'UNAVAILABLE', maybeExecuted: false })
    expect(outcome.error?.message).toBe('the client is closing and did not accept the call')
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

  it('with an error code and no lastCallId fails open calls as maybe executed', async () => {
    const { peer, time, session } = await openProbe('client')
    const outcome = startCall(session)
    peer.send({ kind: 'goaway', code: 'LIMIT_EXCEEDED', text: '', metadata: {} })
    await time.settle()
    expect(outcome.error).toMatchObject({ code: 'UNAVAILABLE', maybeExecuted: true })
  })

  it('without lastCallId only announces an end: calls go on in both directions', async () => {
    const { peer, time, session, recorder } = await openProbe('client')
    peer.send({ kind: 'goaway', code: 'CLOSED', text: '', retryAfterMs: 30, metadata: {} })
    await time.settle()
    const outcome = startCall(session)
    peer.send({ kind: 'result', callId: 1, metadata: {}, body: json('1') })
    await time.settle()
    expect(recorder.goawaysSeen).toEqual([{ isFinal: false, retryAfterMs: 30 }])
    expect([outcome.value, session.state]).toEqual([1, 'open'])
    peer.send({ kind: 'goaway', code: 'CLOSED', text: '', lastCallId: 1, metadata: {} })
    await time.advance(2_000)
    expect(recorder.goawaysSeen).toHaveLength(2)
    expect(recorder.closes).toMatchObject([{ code: 'CLOSED' }])
  })

  it('without lastCallId, and then the end of the stream, is a lost connection', async () => {
    const { peer, time, recorder } = await openProbe('client')
    peer.send({ kind: 'goaway', code: 'CLOSED', text: '', metadata: {} })
    peer.stream.end()
    await time.advance(2_000)
    expect(recorder.closes).toMatchObject([{ code: 'CONNECTION_LOST' }])
  })

  it('with an error code fails calls after lastCallId as not executed', async () => {
    const { peer, time, session } = await openProbe('client')
    const first = startCall(session)
    const second = startCall(session)
    peer.send({ kind: 'goaway', code: 'LIMIT_EXCEEDED', text: '', lastCallId: 1, metadata: {} })
    await time.settle()
    expect([first.error?.maybeExecuted, second.error?.maybeExecuted]).toEqual([true, false])
  })

  it('before the welcome closes the client with its code', async () => {
    const { peer, time, recorder } = probe('client')
    peer.send({ kind: 'goaway', code: 'VERSION_UNSUPPORTED', text: '2 to 3', lastCallId: 0, metadata: {} })
    await time.advance(2_000)
    expect(recorder.closes).toMatchObject([{ code: 'VERSION_UNSUPPORTED' }])
  })

  it('is for one direction: calls that its sender makes are still taken', async () => {
    const { peer, time, session, recorder } = await openProbe('server')
    peer.send(
      firstCall,
      { kind: 'goaway', code: 'CLOSED', text: '', lastCallId: 0, metadata: {} },
      { ...firstCall, callId: 3 },
    )
    await time.settle()
    expect(recorder.calls.map(({ id }) => id)).toEqual([1, 3])
    expect([session.state, peer.all('failure')]).toEqual(['draining', []])
  })

  it('may come twice', async () => {
    const { peer, time, session, recorder } = await openProbe('server')
    const goaway: Envelope = { kind: 'goaway', code: 'CLOSED', text: '', lastCallId: 0, metadata: {} }
    peer.send(firstCall, goaway, goaway)
    await time.settle()
    expect([session.state, recorder.goaways]).toEqual(['draining', 1])
  })
})
