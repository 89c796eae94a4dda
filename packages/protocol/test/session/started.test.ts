import { describe, expect, it } from 'vitest'
import type { Envelope, Extensions } from '../../src/envelope/index.ts'
import { RpcError } from '../../src/index.ts'
import { credit, firstCall, json, openProbe } from '../support/raw-peer.ts'
import { connected, startCall, value } from '../support/sessions.ts'

const asked: Extensions = [[2, new Uint8Array(0)]]
const started: Envelope = { kind: 'started', callId: 1, metadata: {} }

/** A server with a call for items of its peer. */
async function called(call: Partial<typeof firstCall> = {}) {
  const side = await openProbe('server')
  side.peer.send({ ...firstCall, credit: credit(10), ...call })
  await side.time.settle()
  return { ...side, call: side.recorder.calls[0]! }
}

/** A client with a call for items. */
async function calling(options: { readonly asksStarted?: boolean } = {}) {
  const side = await openProbe('client')
  const outcome = startCall(side.session, 'a/b', { initialCredit: credit(10), ...options })
  await side.time.settle()
  return { ...side, outcome }
}

describe('the begin of a handler', () => {
  it('is reported to a caller that asks with its call, in the turn after its first step', async () => {
    const { peer, time, call } = await called({ extensions: asked })
    expect(peer.kinds).toEqual([])
    call.handlerStarted()
    await Promise.resolve()
    expect(peer.kinds).toEqual([])
    await time.settle()
    expect(peer.all('started')).toEqual([expect.objectContaining({ callId: 1, metadata: {} })])
    call.handlerStarted()
    call.sendItem(value(1))
    await time.settle()
    expect(peer.kinds).toEqual(['started', 'item'])
  })

  it('is reported to a caller that asks among other extensions', async () => {
    const { peer, time, call } = await called({ extensions: [...asked, [1_000, Uint8Array.of(1)]] })
    call.handlerStarted()
    await time.settle()
    expect(peer.kinds).toEqual(['started'])
  })

  it('is reported once, at once, to a caller that asks later with a credit', async () => {
    const { peer, time, call } = await called()
    call.handlerStarted()
    await time.settle()
    expect(peer.kinds).toEqual([])
    peer.send({ kind: 'credit', callId: 1, items: 0, bytes: 1, extensions: asked })
    peer.send({ kind: 'credit', callId: 1, items: 0, bytes: 1, extensions: asked })
    await time.settle()
    expect(peer.kinds).toEqual(['started'])
  })

  it('is reported when a credit asked before it', async () => {
    const { peer, time, call } = await called()
    peer.send({ kind: 'credit', callId: 1, items: 0, bytes: 1, extensions: asked })
    await time.settle()
    expect(peer.kinds).toEqual([])
    call.handlerStarted()
    await time.settle()
    expect(peer.kinds).toEqual(['started'])
  })

  it('is not reported when the caller did not ask', async () => {
    const { peer, time, call } = await called({ extensions: [[3, new Uint8Array(0)]] })
    call.handlerStarted()
    await time.settle()
    peer.send({ kind: 'credit', callId: 1, items: 1, bytes: 1 })
    await time.settle()
    call.end()
    await time.settle()
    expect(peer.kinds).toEqual(['end'])
  })

  it.each([
    ['an item', 'item', (call: { sendItem(body: unknown): void }) => call.sendItem(value(1))],
    ['an end', 'end', (call: { end(): void }) => call.end()],
    [
      'a failure',
      'failure',
      (call: { fail(error: RpcError): void }) => call.fail(new RpcError('NOT_FOUND', '')),
    ],
  ] as const)('is not reported separately when %s of the same turn shows it', async (_, kind, acts) => {
    const { peer, time, call } = await called({ extensions: asked })
    call.handlerStarted()
    acts(call as never)
    await time.settle()
    peer.send({ kind: 'credit', callId: 1, items: 0, bytes: 1, extensions: asked })
    await time.settle()
    expect(peer.kinds).toEqual([kind])
  })

  it('is not reported separately when an answer waits for room', async () => {
    const limits = { answerBytesQueuedMax: 1_000 }
    const pair = { windowBytes: 500, highWatermarkBytes: 1_000, lowWatermarkBytes: 0 }
    const { peer, time, recorder } = await openProbe('server', { limits }, pair)
    peer.stream.pause()
    peer.send({ ...firstCall }, { ...firstCall, callId: 3, credit: credit(1), extensions: asked })
    await time.settle()
    const [unary, stream] = recorder.calls
    unary?.respond({ kind: 'raw', bytes: new Uint8Array(5_000) })
    stream?.handlerStarted()
    stream?.fail(new RpcError('NOT_FOUND', ''))
    await time.settle()
    peer.stream.resume()
    await time.settle()
    expect(peer.kinds).toEqual(['result', 'failure'])
  })

  it('is not reported for a call with one result', async () => {
    const { peer, time, call } = await called({ credit: undefined, extensions: asked })
    call.handlerStarted()
    await time.settle()
    expect(peer.kinds).toEqual([])
  })
})

describe('a caller', () => {
  it('asks with its call, and learns of the begin before the first item', async () => {
    const { time, client, server } = await connected()
    server.recorder.onCall = (call) => call.handlerStarted()
    const outcome = startCall(client.session, 'a/b', { initialCredit: credit(1), asksStarted: true })
    await time.settle()
    expect([outcome.started, outcome.code]).toEqual([1, 'PENDING'])
    server.recorder.calls[0]!.sendItem(value(1))
    await time.settle()
    expect([outcome.started, outcome.items]).toEqual([1, [value(1)]])
  })

  it('asks once for a sent call, with a credit of one byte', async () => {
    const { peer, time, outcome } = await calling()
    expect(peer.all('call')[0]?.extensions).toBeUndefined()
    outcome.call.askStarted(outcome.tellStarted)
    outcome.call.askStarted(outcome.tellStarted)
    await time.settle()
    expect(peer.all('credit')).toEqual([
      expect.objectContaining({ callId: 1, items: 0, bytes: 1, extensions: [[2, expect.anything()]] }),
    ])
  })

  it('accepts an item that uses the byte of that credit, and grants more after it', async () => {
    const { peer, time, session, recorder } = await openProbe('client')
    const outcome = startCall(session, 'a/b', { initialCredit: { items: 3, bytes: 0 } })
    outcome.call.askStarted(outcome.tellStarted)
    await time.settle()
    peer.send({ kind: 'item', callId: 1, sequence: 0, body: json('7') })
    await time.settle()
    expect([outcome.items, recorder.closes]).toEqual([[value(7)], []])
    outcome.call.grant({ items: 0, bytes: 5 })
    await time.settle()
    expect(peer.all('credit')).toMatchObject([{ bytes: 1 }, { bytes: 5 }])
  })

  it('does not ask when an item has arrived', async () => {
    const { peer, time, outcome } = await calling()
    peer.send({ kind: 'item', callId: 1, sequence: 0, body: json('7') })
    await time.settle()
    outcome.call.askStarted(outcome.tellStarted)
    await time.settle()
    expect(peer.all('credit')).toEqual([])
  })

  it('ignores the report when it has not asked', async () => {
    const { peer, time, session, outcome, recorder } = await calling()
    const unary = startCall(session)
    peer.send(started, { ...started, callId: 3 })
    await time.settle()
    expect([outcome.code, unary.code, recorder.closes, recorder.uncaughtErrors]).toEqual([
      'PENDING',
      'PENDING',
      [],
      [],
    ])
  })

  it('gets no callback when it has cancelled in the same turn', async () => {
    const { peer, time, outcome } = await calling()
    peer.send(started)
    await time.settle()
    outcome.call.askStarted(outcome.tellStarted)
    outcome.call.cancel()
    await time.settle()
    expect(outcome.started).toBe(0)
  })

  it('ignores later reports and items when it has cancelled', async () => {
    const { peer, time, outcome, recorder } = await calling()
    outcome.call.cancel()
    peer.send(started, started, { kind: 'item', callId: 1, sequence: 5, body: json('7') })
    await time.settle()
    expect([outcome.started, outcome.items, recorder.closes]).toEqual([0, [], []])
  })

  it('asks with the call when it asks before the call is sent', async () => {
    const { peer, time, session } = await openProbe('client', { peerLimits: { callsInFlightMax: 1 } })
    startCall(session)
    const second = startCall(session, 'a/b', { initialCredit: credit(1), fingerprint: () => 'f' })
    second.call.askStarted(second.tellStarted)
    peer.send({
      kind: 'result',
      callId: 1,
      metadata: {},
      body: { encoding: 'none', bytes: new Uint8Array(0) },
    })
    await time.settle()
    expect(peer.all('call')[1]?.extensions?.map(([id]) => id)).toEqual([1, 2])
    second.call.askStarted(second.tellStarted)
    await time.settle()
    expect(peer.all('credit')).toEqual([])
  })

  it('does not ask after a report, or for a call with one result', async () => {
    const { peer, time, session, outcome } = await calling()
    peer.send(started)
    const unary = startCall(session, 'a/b', { asksStarted: true })
    await time.settle()
    outcome.call.askStarted(outcome.tellStarted)
    unary.call.askStarted(unary.tellStarted)
    await time.settle()
    expect([outcome.started, unary.started]).toEqual([1, 0])
    expect([peer.all('credit'), peer.all('call')[1]?.extensions]).toEqual([[], undefined])
  })

  it.each([
    ['twice', [started, started]],
    ['after an item', [{ kind: 'item', callId: 1, sequence: 0, body: firstCall.body } as const, started]],
  ])('takes a report %s for a violation', async (_, envelopes) => {
    const { peer, time, recorder } = await calling({ asksStarted: true })
    peer.send(...envelopes)
    await time.settle()
    expect(recorder.closes[0]?.code ?? peer.goawayCode).toBe('PROTOCOL_VIOLATION')
  })

  it('learns nothing of a call that it has cancelled', async () => {
    const { peer, time, outcome } = await calling({ asksStarted: true })
    outcome.call.cancel()
    peer.send(started)
    await time.settle()
    expect([outcome.started, outcome.code]).toEqual([0, 'CANCELLED'])
  })
})
