import { describe, expect, it } from 'vitest'
import { encodeEnvelope } from '../../src/envelope/index.ts'
import { RpcError } from '../../src/index.ts'
import { onForeignChannel } from '../support/foreign-channel.ts'
import { credit, firstCall, json, openProbe } from '../support/raw-peer.ts'
import { raw, value } from '../support/sessions.ts'

const stream = { ...firstCall, credit: credit(10) }
const third = { ...firstCall, callId: 3 }
const cancel = { kind: 'cancel', callId: 1, code: 'CANCELLED', text: '' } as const
const failed = new RpcError('NOT_FOUND', 'none')

/** A server with one call of a peer. */
async function called(envelope: typeof firstCall = firstCall, options: Parameters<typeof openProbe>[1] = {}) {
  const probe = await openProbe('server', options)
  probe.peer.send(envelope)
  await probe.time.settle()
  const [call] = probe.recorder.calls
  if (call === undefined) throw new Error('the call was not taken')
  return { ...probe, call }
}

describe('a call of the peer', () => {
  it('is a stream when it grants credit, and has one signal', async () => {
    const [unary, items] = [await called(), await called(stream)]
    expect([unary.call.kind, items.call.kind]).toEqual(['unary', 'server-stream'])
    expect(unary.call.signal).toBe(unary.call.signal)
  })

  it('expires when its deadline has passed, whatever the clock shows', async () => {
    const { time, peer, recorder } = await openProbe('server')
    await time.advance(1_000)
    peer.send({ ...firstCall, deadlineMs: 50 })
    await time.settle()
    const signal = recorder.calls[0]?.signal
    await time.advance(49)
    expect(signal?.aborted).toBe(false)
    await time.advance(1)
    expect(signal?.reason).toMatchObject({ code: 'DEADLINE_EXCEEDED' })
  })

  it('reports nothing when it is answered', async () => {
    const { time, call, recorder } = await called()
    call.respond(value(1))
    await time.settle()
    expect(recorder.uncaughtErrors).toEqual([])
  })

  it('reports nothing when it is cancelled and its handler never read its signal', async () => {
    const { time, peer, recorder } = await called()
    peer.send(cancel)
    await time.settle()
    expect(recorder.uncaughtErrors).toEqual([])
  })

  it('has handlerStopMs only once when it is cancelled twice', async () => {
    const { time, peer } = await called(firstCall, { limits: { handlerStopMs: 5_000 } })
    peer.send(cancel)
    await time.advance(3_000)
    peer.send(cancel)
    await time.advance(2_000)
    expect(peer.all('failure')).toMatchObject([{ callId: 1, code: 'CANCELLED' }])
  })
})

describe('items', () => {
  it('are refused in a call that asked for none', async () => {
    const { call } = await called()
    expect(call.canSendItem).toBe(false)
    expect(() => call.sendItem(value(1))).toThrow(expect.objectContaining({ code: 'FAILED_PRECONDITION' }))
    await expect(call.ready()).rejects.toMatchObject({ code: 'FAILED_PRECONDITION' })
  })

  it('are refused in a call that was answered', async () => {
    const { call } = await called(stream)
    call.end()
    expect(call.canSendItem).toBe(false)
    expect(() => call.sendItem(value(1))).toThrow(expect.objectContaining({ code: 'FAILED_PRECONDITION' }))
    await expect(call.ready()).rejects.toMatchObject({ code: 'FAILED_PRECONDITION' })
  })

  it('that cannot be sent fail with INTERNAL, and nothing is sent', async () => {
    const { time, peer, call } = await called(stream)
    expect(() => call.sendItem(value(1n))).toThrow(expect.objectContaining({ code: 'INTERNAL' }))
    await time.settle()
    expect(peer.received).toEqual([])
  })

  it.each([
    ['was cancelled', true],
    ['runs', false],
  ])(
    'of a handler that %s are dropped without an error when its connection is lost',
    async (_, cancelled) => {
      const { time, peer, call, session } = await called(stream)
      if (cancelled) peer.send(cancel)
      await time.settle()
      session.abort({ code: 'ABORTED', message: 'enough' })
      expect(() => call.sendItem(value(1))).not.toThrow()
    },
  )

  it('of a handler whose call was cancelled and abandoned are dropped without an error', async () => {
    const { time, peer, call } = await called(stream, { limits: { handlerStopMs: 10 } })
    peer.send(cancel)
    await time.advance(20)
    expect(peer.all('failure')).toHaveLength(1)
    expect(() => call.sendItem(value(1))).not.toThrow()
  })

  it('are refused after an answer that was only partly sent when the connection was lost', async () => {
    const { channel, recorder, session } = await onForeignChannel('server', { limits: { pieceBytes: 100 } })
    channel.sink.frame(frameOf(firstCall))
    channel.verdict = 'full'
    channel.drainedReturns = new Promise(() => undefined)
    recorder.calls[0]?.respond(raw(new Uint8Array(1_000)))
    session.abort({ code: 'ABORTED', message: 'enough' })
    expect(() => recorder.calls[0]?.sendItem(value(1))).toThrow('already answered')
  })
})

describe('a server that closes', () => {
  /** The states before and after the answer to a second call, when the first call has ended in some way. */
  async function closing(first: Awaited<ReturnType<typeof called>>) {
    const { time, peer, session, recorder } = first
    peer.send(third)
    await time.settle()
    void session.close()
    await time.settle()
    const before = session.state
    recorder.calls.at(-1)?.respond({ kind: 'none' })
    await time.advance(1_500)
    return [before, session.state]
  }

  it('waits for a call when an earlier one was cancelled before it had arrived completely', async () => {
    const probe = await openProbe('server')
    const body = { encoding: 'raw', bytes: Uint8Array.of(1) } as const
    probe.peer.send({ ...firstCall, body, goesOn: true }, cancel)
    await probe.time.settle()
    expect(await closing({ ...probe, call: undefined as never })).toEqual(['draining', 'closed'])
  })

  it('waits for a call when an earlier one was answered during its cancel', async () => {
    const first = await called()
    first.call.signal.addEventListener('abort', () => first.call.fail(failed))
    first.peer.send(cancel)
    await first.time.settle()
    expect(await closing(first)).toEqual(['draining', 'closed'])
  })

  it('waits for a long answer although its call was then cancelled', async () => {
    const pair = { windowBytes: 10_000, highWatermarkBytes: 20_000, lowWatermarkBytes: 5_000 }
    const { time, peer, recorder, session } = await openProbe('server', {}, pair)
    recorder.onCall = (call) => call.respond(raw(new Uint8Array(1_000_000)))
    peer.stream.pause()
    peer.send(firstCall, cancel)
    await time.settle()
    void session.close({ graceMs: 60_000 })
    await time.settle()
    expect(session.state).toBe('draining')
    peer.stream.resume()
    await time.advance(2_000)
    const pieces = [...peer.all('result'), ...peer.all('more')]
    expect(pieces.reduce((sum, { body }) => sum + body.bytes.length, 0)).toBe(1_000_000)
  })

  it('does not wait for a handler whose call was cancelled', async () => {
    const { time, peer, session } = await called(firstCall, { limits: { handlerStopMs: 60_000 } })
    peer.send(cancel)
    await time.settle()
    void session.close({ graceMs: 60_000 })
    await time.settle()
    expect(session.state).toBe('closed')
  })

  it('ignores calls that come after its goaway, and does not answer them', async () => {
    const { time, peer, session, recorder } = await called()
    void session.close()
    const body = { encoding: 'raw', bytes: Uint8Array.of(1) } as const
    peer.send({ ...third, body, goesOn: true }, { kind: 'more', callId: 3, body })
    peer.send({ kind: 'subscribe', callId: 5, event: 'a/e', topic: '', metadata: {} })
    await time.settle()
    expect([recorder.calls.length, session.stats().memory.partialBytes, peer.all('failure')]).toEqual([
      1,
      0,
      [],
    ])
  })
})

describe('a call is refused', () => {
  it.each([
    ['RESOURCE_EXHAUSTED', 'for metadata over the limits', { metadata: { a: '1', b: '2' } }],
    ['DEADLINE_EXCEEDED', 'with no time left', { deadlineMs: 0 }],
    ['INVALID_ARGUMENT', 'for an input that is not JSON', { body: json('{') }],
  ])('with %s %s', async (code, _, part) => {
    const { time, peer, recorder } = await openProbe('server', { limits: { metadataEntriesMax: 1 } })
    peer.send({ ...firstCall, ...part })
    await time.settle()
    expect(peer.all('failure')).toMatchObject([{ callId: 1, code, maybeExecuted: false }])
    expect(recorder.calls).toEqual([])
  })

  it('for an input in pieces whose decoded value exceeds the memory of the connection', async () => {
    const { time, peer, recorder } = await openProbe('server', { limits: { sessionMemoryBytesMax: 65_536 } })
    // Its first piece alone would fit.
    const { bytes, encoding } = json(`["${'x'.repeat(9_000)}",${'[],'.repeat(6_000)}1]`)
    peer.send({ ...firstCall, body: { encoding, bytes: bytes.subarray(0, 9_000) }, goesOn: true })
    peer.send({ kind: 'more', callId: 1, body: { encoding, bytes: bytes.subarray(9_000) } })
    await time.settle()
    expect(peer.all('failure')).toMatchObject([{ callId: 1, code: 'RESOURCE_EXHAUSTED' }])
    expect(recorder.calls).toEqual([])
  })

  it('and none of its pieces is kept', async () => {
    const { time, peer, session } = await openProbe('server', { limits: { callsInFlightMax: 0 } })
    peer.send({ ...firstCall, body: { encoding: 'raw', bytes: Uint8Array.of(1) }, goesOn: true })
    await time.settle()
    expect(session.stats().memory.partialBytes).toBe(0)
  })
})

it('credit for a call that asked for no items, or that was never made, ends the session', async () => {
  for (const [callId, message] of [
    [1, 'credit for call 1, which asked for no items'],
    [9, 'a credit for call 9, which was never made'],
  ] as const) {
    const { time, peer, recorder } = await called()
    peer.send({ kind: 'credit', callId, items: 1, bytes: 1 })
    await time.advance(2_000)
    expect(recorder.closes).toMatchObject([{ code: 'PROTOCOL_VIOLATION', message }])
  }
})

function frameOf(envelope: Parameters<typeof encodeEnvelope>[0]): Uint8Array {
  const { header, body } = encodeEnvelope(envelope)
  return Uint8Array.of(...header, ...body)
}

describe('a client that does not read', () => {
  it.each(['respond', 'fail', 'end', 'sendItem'] as const)('is not read from after a %s', async (answer) => {
    const limits = { answerBytesQueuedMax: 1 }
    const { channel, recorder } = await onForeignChannel('server', { limits })
    let paused = 0
    channel.pause = () => paused++
    channel.drainedReturns = new Promise(() => undefined)
    channel.sink.frame(frameOf(answer === 'respond' || answer === 'fail' ? firstCall : stream))
    channel.queuedBytes = 1_000
    channel.verdict = 'queued'
    const [call] = recorder.calls
    if (answer === 'fail') call?.fail(failed)
    else if (answer === 'end') call?.end()
    else call?.[answer](value(1))
    expect(paused).toBe(1)
    // Frames that have already arrived are still handled.
    channel.sink.frame(frameOf(third))
    expect(recorder.calls).toHaveLength(2)
  })
})

it('a subscription has the metadata of its envelope', async () => {
  const { time, peer, recorder } = await openProbe('server')
  const seen: unknown[] = []
  Object.assign(recorder, {
    subscription: ({ call }: { call: { metadata: object; end(): void } }) =>
      void seen.push({ ...call.metadata }),
  })
  peer.send({ kind: 'subscribe', callId: 1, event: 'a/e', topic: '', metadata: { k: 'v' } })
  peer.send({ kind: 'unsubscribe', callId: 3, event: 'a/e', topic: '' })
  await time.settle()
  expect(seen).toEqual([{ k: 'v' }, {}])
})
