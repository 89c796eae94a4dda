import { describe, expect, it } from 'vitest'
import { openProbe } from '../support/raw-peer.ts'
import { connected, startCall, value } from '../support/sessions.ts'

describe('a connection that is cut', () => {
  it('fails open calls as maybe executed and queued ones as not, and aborts handlers, each once', async () => {
    const { time, client, server } = await connected({ server: { limits: { callsInFlightMax: 1 } } })
    const sent = startCall(client.session)
    const waiting = startCall(client.session)
    await time.settle()
    client.stream.abort(new Error('ECONNRESET'))
    await time.settle()
    expect(sent.settlements).toMatchObject([{ error: { code: 'UNAVAILABLE', maybeExecuted: true } }])
    expect(waiting.settlements).toMatchObject([{ error: { code: 'UNAVAILABLE', maybeExecuted: false } }])
    expect(client.recorder.closes).toMatchObject([
      { code: 'CONNECTION_LOST', cause: { message: 'ECONNRESET' } },
    ])
    expect(server.recorder.calls[0]?.signal.reason).toMatchObject({ code: 'UNAVAILABLE' })
    expect(server.recorder.closes).toMatchObject([{ code: 'CONNECTION_LOST' }])
    expect(time.timers).toEqual([])
  })

  it('by an end without a goaway is lost, and not closed', async () => {
    const { peer, time, recorder, session } = await openProbe('client')
    const outcome = startCall(session)
    peer.stream.end()
    await time.advance(2_000)
    expect(recorder.closes).toMatchObject([{ code: 'CONNECTION_LOST' }])
    expect(outcome.error).toMatchObject({ code: 'UNAVAILABLE', maybeExecuted: true })
  })

  it('inside of a frame has the code TRUNCATED', async () => {
    const { peer, time, recorder } = await openProbe('server')
    peer.sendBytes(Uint8Array.of(0, 0, 0, 9, 3))
    peer.stream.end()
    await time.advance(2_000)
    expect(recorder.closes).toMatchObject([{ code: 'TRUNCATED' }])
  })

  it('by abort() settles calls at once, with the given reason', async () => {
    const { time, client, server } = await connected()
    const outcome = startCall(client.session)
    await time.settle()
    client.session.abort({ code: 'ABORTED', message: 'enough' })
    expect(outcome.error).toMatchObject({ code: 'UNAVAILABLE', maybeExecuted: true })
    client.session.abort({ code: 'LIMIT_EXCEEDED', message: 'again' })
    await time.settle()
    expect(client.recorder.closes).toEqual([{ code: 'ABORTED', message: 'enough', closedBy: 'local' }])
    expect(server.recorder.closes).toHaveLength(1)
  })

  it('fails later calls unsent, and accepts no events', async () => {
    const { time, client } = await connected()
    client.session.abort({ code: 'ABORTED', message: 'enough' })
    const outcome = startCall(client.session)
    await time.settle()
    expect(outcome.error).toMatchObject({ code: 'UNAVAILABLE', maybeExecuted: false })
    expect(client.session.emit({ event: 'a/b', topic: '', body: value(1) })).toBe('closed')
  })
})
