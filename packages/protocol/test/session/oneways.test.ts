import { describe, expect, it } from 'vitest'
import type { Envelope } from '../../src/envelope/index.ts'
import { RpcError } from '../../src/rpc-error.ts'
import type { DroppedOneway, SessionHandlers } from '../../src/session/index.ts'
import { json, openProbe, rawBody } from '../support/raw-peer.ts'
import { connected, Recorder, raw, startCall, value } from '../support/sessions.ts'

const oneway = (part: object = {}): Envelope =>
  ({ kind: 'oneway', procedure: 'a@1/b', metadata: {}, body: json('1'), ...part }) as Envelope

class Recording extends Recorder {
  readonly left: DroppedOneway[] = []
  onewayDropped(dropped: DroppedOneway): void {
    this.left.push(dropped)
  }
}

async function server(limits = {}) {
  const recorder = new Recording()
  const side = await openProbe('server', { limits }, {}, recorder as SessionHandlers as Recorder)
  return { ...side, recorder }
}

describe('a one-way call', () => {
  it('settles in a later microtask when the connection has accepted it, and takes no slot', async () => {
    const { client, server, time } = await connected({ server: { limits: { callsInFlightMax: 1 } } })
    const waiting = startCall(client.session)
    const behind = startCall(client.session)
    const outcome = startCall(client.session, 'a@1/b', {
      isOneway: true,
      input: value(7),
      metadata: { trace: 'x' },
      deadlineMs: 500,
    })
    expect(outcome.code).toBe('PENDING')
    await time.settle()
    expect([outcome.code, waiting.code, behind.code]).toEqual(['OK', 'PENDING', 'PENDING'])
    const call = server.recorder.calls[1]
    expect(call).toMatchObject({
      id: 0,
      kind: 'one-way',
      procedure: 'a@1/b',
      input: value(7),
      metadata: { trace: 'x' },
    })
    expect(server.session.callsInFlight).toBe(2)
    call?.respond(value('nobody gets it'))
    call?.fail(undefined as never)
    await time.settle()
    expect(server.session.callsInFlight).toBe(1)
  })

  it('waits for the handshake and for room in the connection, but not longer than its deadline', async () => {
    const { session, peer, time } = await openProbe(
      'client',
      {},
      { windowBytes: 100, highWatermarkBytes: 100 },
    )
    peer.stream.pause()
    const first = startCall(session, 'a@1/b', { isOneway: true, input: raw(new Uint8Array(5_000)) })
    const second = startCall(session, 'a@1/b', { isOneway: true, deadlineMs: 50 })
    await time.advance(100)
    expect([first.code, second.code]).toEqual(['OK', 'DEADLINE_EXCEEDED'])
    expect(second.error?.maybeExecuted).toBe(false)
  })

  it('cannot be cancelled after it was sent', async () => {
    const { client, server, time } = await connected()
    const sent = startCall(client.session, 'a@1/b', { isOneway: true })
    sent.call.cancel()
    await time.settle()
    expect([sent.code, server.recorder.calls.length]).toEqual(['OK', 1])
  })

  it('is refused when its body exceeds the limit of the peer, and after the end', async () => {
    const { client, time } = await connected({ server: { limits: { bodyBytesMax: 10 } } })
    const long = startCall(client.session, 'a@1/b', { isOneway: true, input: raw(new Uint8Array(11)) })
    await client.session.close()
    const late = startCall(client.session, 'a@1/b', { isOneway: true })
    await time.settle()
    expect([long.code, late.code, late.error?.maybeExecuted]).toEqual([
      'RESOURCE_EXHAUSTED',
      'UNAVAILABLE',
      false,
    ])
  })

  it('gives its handler a signal, which its deadline aborts', async () => {
    const { peer, recorder, time } = await server()
    peer.send(oneway({ deadlineMs: 20 }))
    await time.settle()
    const [call] = recorder.calls
    const { signal } = call!
    expect([signal.aborted, call?.deadlineAtMs]).toEqual([false, 20])
    await time.advance(20)
    expect(signal.reason).toMatchObject({ code: 'DEADLINE_EXCEEDED' })
    call?.end()
    expect(peer.kinds).toEqual([])
  })

  it('delays the close of a session until its handler has stopped, and is aborted after the grace', async () => {
    const { peer, recorder, time, session } = await server()
    peer.send(oneway())
    await time.settle()
    const { signal } = recorder.calls[0]!
    void session.close({ graceMs: 100 })
    await time.advance(99)
    expect([session.state, signal.aborted]).toEqual(['draining', false])
    await time.advance(1)
    expect(signal.reason).toMatchObject({ code: 'UNAVAILABLE' })
  })

  it.each<[string, object, Envelope, string]>([
    ['an input that is not JSON', {}, oneway({ body: json('{') }), 'the input: '],
    ['an input over the limit', { bodyBytesMax: 3 }, oneway({ body: rawBody(4) }), 'over the 3 bytes'],
    ['metadata over the limits', { metadataEntriesMax: 0 }, oneway({ metadata: { a: 'b' } }), 'metadata'],
    ['no time left', {}, oneway({ deadlineMs: 0 }), 'no time left'],
    ['a limit of 0', { onewaysInFlightMax: 0 }, oneway(), 'raise onewaysInFlightMax'],
  ])('is dropped, counted and reported for %s', async (_, limits, envelope, problem) => {
    const { peer, recorder, time, session } = await server(limits)
    peer.send(envelope)
    await time.settle()
    expect(recorder.left).toEqual([{ procedure: 'a@1/b', problem: expect.stringContaining(problem) }])
    expect([recorder.calls, session.stats().onewaysDropped, session.state, peer.kinds]).toEqual([
      [],
      1,
      'open',
      [],
    ])
  })

  it('is dropped over onewaysInFlightMax, and accepted again when handlers have stopped', async () => {
    const { peer, recorder, time, session } = await server({ onewaysInFlightMax: 2 })
    peer.send(oneway(), oneway(), oneway(), oneway())
    await time.settle()
    expect([recorder.calls.length, session.stats().onewaysDropped]).toEqual([2, 2])
    for (const call of recorder.calls) call.end()
    expect(session.stats().memory.inputBytes).toBe(0)
    peer.send(oneway())
    await time.settle()
    expect([recorder.calls.length, session.stats().onewaysDropped]).toEqual([3, 2])
  })

  it('is counted as dropped when the layer above refuses it, and only once', async () => {
    const { peer, recorder, time, session } = await server()
    peer.send(oneway(), oneway())
    await time.settle()
    recorder.calls[0]?.refuse(new RpcError('UNIMPLEMENTED', 'nobody has it'))
    recorder.calls[0]?.refuse(new RpcError('UNIMPLEMENTED', 'nobody has it'))
    recorder.calls[1]?.fail(new RpcError('NOT_FOUND', 'it ran'))
    expect([session.stats().onewaysDropped, session.callsInFlight]).toEqual([1, 0])
  })

  it('reports to the layer above that its handler has stopped, like an answer that was given', async () => {
    const { peer, recorder, time } = await server()
    peer.send(oneway())
    await time.settle()
    let given = 0
    recorder.calls[0]?.respond(value(undefined), {
      unsendable: (error) => error,
      given: () => {
        given += 1
      },
    })
    expect(given).toBe(1)
  })

  it('is dropped by a side that has sent its goaway', async () => {
    const { peer, recorder, time, session } = await server()
    peer.send({ kind: 'call', callId: 1, procedure: 'a/b', upload: false, metadata: {}, body: json('1') })
    await time.settle()
    void session.close({ graceMs: 1_000 })
    peer.send(oneway())
    await time.settle()
    expect([recorder.calls.length, session.stats().onewaysDropped]).toEqual([1, 1])
  })

  it('ends when its handler throws, and the error is reported', async () => {
    const { peer, recorder, time, session } = await server()
    recorder.onCall = () => {
      throw new Error('broken')
    }
    peer.send(oneway())
    await time.settle()
    expect([recorder.uncaughtErrors.length, session.callsInFlight]).toEqual([1, 0])
  })
})
