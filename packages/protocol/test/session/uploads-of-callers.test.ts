import { describe, expect, it } from 'vitest'
import type { Envelope } from '../../src/envelope/index.ts'
import { json, openProbe } from '../support/raw-peer.ts'
import { raw, startCall, value } from '../support/sessions.ts'

/** A client with an upload to a peer that the test plays. */
async function client(peerLimits = {}) {
  const side = await openProbe('client', { peerLimits })
  const outcome = startCall(side.session, 'a/b', { upload: true })
  await side.time.settle()
  return { ...side, outcome, upload: outcome.call.upload! }
}

describe('the caller of an upload', () => {
  it('marks its call, begins with the window that the callee announced, and waits for credit in items and in bytes', async () => {
    const { peer, upload, time } = await client({ uploadItems: 2, uploadBytes: 10 })
    expect(peer.all('call')).toMatchObject([{ callId: 1, upload: true, credit: undefined }])
    upload.send(raw(new Uint8Array(9)))
    expect(upload.canSend).toBe(true)
    upload.send(raw(new Uint8Array(9)))
    expect(upload.canSend).toBe(false)
    expect(() => upload.send(value(1))).toThrow(expect.objectContaining({ code: 'FAILED_PRECONDITION' }))
    const ready = upload.ready()
    peer.send({ kind: 'credit', callId: 1, items: 1, bytes: 8 })
    await time.settle()
    expect(upload.canSend).toBe(false)
    peer.send({ kind: 'credit', callId: 1, items: 0, bytes: 1 })
    await time.settle()
    expect(await ready).toBe(true)
    upload.send(value(1))
    await time.settle()
    expect(peer.all('item').map(({ sequence }) => sequence)).toEqual([0, 1, 2])
  })

  it('sends nothing before the first grant if the callee announced an empty window', async () => {
    const { upload, peer, time } = await client({ uploadItems: 0, uploadBytes: 0 })
    expect(upload.canSend).toBe(false)
    peer.send({ kind: 'credit', callId: 1, items: 1, bytes: 1 })
    await time.settle()
    expect(upload.canSend).toBe(true)
  })

  it('ends once, and refuses items after the end', async () => {
    const { peer, upload, time } = await client()
    upload.end()
    upload.end()
    await time.settle()
    expect(peer.kinds).toEqual(['call', 'end'])
    expect(() => upload.send(value(1))).toThrow(expect.objectContaining({ code: 'FAILED_PRECONDITION' }))
    expect(await upload.ready()).toBe(false)
    peer.send({ kind: 'credit', callId: 1, items: 1, bytes: 1 })
    await time.settle()
    expect(upload.canSend).toBe(false)
  })

  it('sends nothing more after a stop, reports the stop once, and waits for the answer', async () => {
    const { peer, session, time } = await openProbe('client', { limits: { pieceBytes: 10 } })
    const stops: string[] = []
    const settled: unknown[] = []
    const call = session.call(
      { procedure: 'a/b', input: value(1), upload: true },
      {
        item: () => undefined,
        stopped: () => stops.push('stopped'),
        settled: (error, body) => settled.push(error ?? body),
      },
    )
    const ready = call.upload?.ready()
    peer.send({ kind: 'stop', callId: 1 }, { kind: 'stop', callId: 1 })
    await time.settle()
    call.upload?.send(value(1))
    call.upload?.end()
    await time.settle()
    expect([stops, await ready, await call.upload?.ready(), peer.kinds]).toEqual([
      ['stopped'],
      true,
      false,
      ['call'],
    ])
    peer.send({ kind: 'result', callId: 1, metadata: {}, body: json('2') })
    await time.settle()
    expect(settled).toEqual([value(2)])
  })

  it.each<[string, Envelope | undefined]>([
    ['a result', { kind: 'result', callId: 1, metadata: {}, body: json('1') }],
    [
      'a failure',
      {
        kind: 'failure',
        callId: 1,
        code: 'NOT_FOUND',
        text: '',
        maybeExecuted: true,
        metadata: {},
        body: json('1'),
      },
    ],
    ['a cancellation by the caller', undefined],
  ])('drops the rest of a long item, and what waits, when %s comes before the end', async (_, answer) => {
    const { peer, session, time } = await openProbe(
      'client',
      { limits: { pieceBytes: 50 } },
      { windowBytes: 100, highWatermarkBytes: 100 },
    )
    const outcome = startCall(session, 'a/b', { upload: true })
    await time.settle()
    peer.stream.pause()
    outcome.call.upload?.send(raw(new Uint8Array(500)))
    const ready = outcome.call.upload?.ready()
    if (answer === undefined) outcome.call.cancel()
    else peer.send(answer)
    await time.settle()
    expect([await ready, outcome.call.upload?.canSend]).toEqual([false, false])
    peer.stream.resume()
    await time.settle()
    expect(peer.all('more').length).toBeLessThan(5)
    expect(peer.all('more').every(({ goesOn }) => goesOn)).toBe(true)
  })

  it.each<[string, Envelope]>([
    ['a credit', { kind: 'credit', callId: 1, items: 1, bytes: 1 }],
    ['a stop', { kind: 'stop', callId: 1 }],
  ])('closes when %s concerns a call that sends no items', async (kind, envelope) => {
    const { peer, session, time, recorder } = await openProbe('client')
    startCall(session)
    await time.settle()
    peer.send(envelope)
    await time.advance(2_000)
    expect(recorder.closes).toMatchObject([{ code: 'PROTOCOL_VIOLATION' }])
    expect(recorder.closes[0]?.message).toContain(`${kind} for call 1, which sends no items`)
  })

  it('fails to send an item that is too long or cannot be encoded, and continues', async () => {
    const { peer, upload, time } = await client({ bodyBytesMax: 5 })
    expect(() => upload.send(raw(new Uint8Array(6)))).toThrow(
      expect.objectContaining({ code: 'RESOURCE_EXHAUSTED' }),
    )
    expect(() => upload.send(value(1n))).toThrow(expect.objectContaining({ code: 'INVALID_ARGUMENT' }))
    upload.send(raw(new Uint8Array(5)))
    await time.settle()
    expect(peer.all('item')).toMatchObject([{ sequence: 0 }])
  })
})
