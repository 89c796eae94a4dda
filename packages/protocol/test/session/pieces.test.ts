import { describe, expect, it } from 'vitest'
import type { Envelope, EnvelopeBody } from '../../src/envelope/index.ts'
import { RpcError } from '../../src/index.ts'
import { heapAfterCollection } from '../support/heap.ts'
import { credit, firstCall, noBody, openProbe } from '../support/raw-peer.ts'
import { connected, raw, startCall, value } from '../support/sessions.ts'

const patterned = (length: number) => Uint8Array.from({ length }, (_, index) => index % 251)
const body = (length: number): EnvelopeBody => ({ encoding: 'raw', bytes: patterned(length) })
const more = (callId: number, length: number, goesOn: boolean): Envelope => ({
  kind: 'more',
  callId,
  body: body(length),
  goesOn,
})
const small = { pieceBytes: 1_000 }
/** A connection that takes less than a piece at a time. */
const slow = { windowBytes: 500, highWatermarkBytes: 1, lowWatermarkBytes: 0 }

describe('a body of several pieces', () => {
  it.each([
    ['one piece', 1_000, 0],
    ['one byte over a piece', 1_001, 1],
    ['many pieces', 250_000, 249],
    ['pieces that fill up', 5_000, 4],
  ])('of %s arrives whole, as input, as result and as item', async (_, length, pieces) => {
    const { time, client, server } = await connected({ client: { limits: small }, server: { limits: small } })
    server.recorder.onCall = (call) => {
      if (call.kind === 'unary') call.respond(call.input)
      else {
        call.sendItem(call.input)
        call.end()
      }
    }
    const unary = startCall(client.session, 'a/b', { input: raw(patterned(length)) })
    const stream = startCall(client.session, 'a/b', {
      input: raw(patterned(length)),
      initialCredit: credit(2),
    })
    await time.settle()
    expect([unary.code, stream.code]).toEqual(['OK', 'OK'])
    expect(unary.body).toEqual(raw(patterned(length)))
    expect(stream.items).toEqual([raw(patterned(length))])
    const probe = await openProbe('client', { limits: small })
    startCall(probe.session, 'a/b', { input: raw(patterned(length)) })
    await probe.time.settle()
    expect(probe.peer.kinds).toEqual(['call', ...Array.from({ length: pieces }, () => 'more')])
  })

  it('longer than a frame arrives, when the peer takes bodies of that length', async () => {
    const limits = { frameBytesMax: 4_096, bodyBytesMax: 300_000 }
    const { time, client, server } = await connected({ client: { limits }, server: { limits } })
    server.recorder.onCall = (call) => call.respond(call.input)
    const text = 'ä'.repeat(100_000)
    const outcome = startCall(client.session, 'a/b', {
      input: value(text),
      metadata: { key: 'x'.repeat(3_000) },
    })
    await time.settle()
    expect(outcome.value).toBe(text)
  })

  it('goes out in frames that the peer takes, although this side takes longer ones', async () => {
    const { peer, time, session } = await openProbe('client', {
      peerLimits: { frameBytesMax: 4_096, bodyBytesMax: 100_000 },
    })
    const metadata = { key: 'x'.repeat(3_000) }
    startCall(session, 'a/b', { input: raw(patterned(100_000)), metadata })
    await time.settle()
    const [call] = peer.all('call')
    const pieces = peer.all('more').map(({ body: { bytes } }) => bytes)
    expect(call?.body.bytes.length).toBeGreaterThan(900)
    expect(call?.body.bytes.length).toBeLessThan(1_096)
    expect([call!.body.bytes, ...pieces].flatMap((bytes) => [...bytes])).toEqual([...patterned(100_000)])
    // Filled as far as they go, but for the last one.
    expect(new Set(pieces.slice(0, -1).map(({ length }) => length))).toEqual(new Set([4_096 - 10]))
  })

  it('counts as queued until it is out', async () => {
    const { peer, time, recorder, session } = await openProbe('server', { limits: small }, slow)
    const { totalBytes: empty } = session.stats().memory
    peer.send(firstCall)
    await time.settle()
    peer.stream.pause()
    recorder.calls[0]?.respond(raw(patterned(50_000)))
    await time.settle()
    const { queuedBytes, inputBytes, totalBytes } = session.stats().memory
    expect(queuedBytes).toBeGreaterThan(48_000)
    expect(queuedBytes).toBeLessThan(50_100)
    expect(totalBytes - empty).toBe(queuedBytes + inputBytes)
    peer.stream.resume()
    await time.advance(1_000)
    expect(session.stats().memory.queuedBytes).toBe(0)
  })

  it('goes out in turn with those of other calls, and a short answer does not wait behind a long one', async () => {
    const { peer, time, recorder } = await openProbe('server', { limits: small }, slow)
    peer.send(firstCall, { ...firstCall, callId: 3 }, { ...firstCall, callId: 5 })
    await time.settle()
    recorder.calls[0]?.respond(raw(patterned(10_000)))
    recorder.calls[1]?.respond(raw(patterned(10_000)))
    recorder.calls[2]?.respond(value(1))
    await time.settle()
    const order = peer.received.map((envelope) => ('callId' in envelope ? envelope.callId : 0))
    expect(order.indexOf(5)).toBeLessThan(5)
    const alternates = order.filter((id) => id !== 5).slice(2, 16)
    expect(alternates.every((id, index) => index === 0 || id !== alternates[index - 1])).toBe(true)
  })

  it('waits in line with its first piece while the connection is full, and arrives as it was given', async () => {
    const { peer, time, recorder } = await openProbe('server', { limits: small }, slow)
    const ids = [1, 3, 5, 7, 9, 11]
    peer.send(...ids.map((callId) => ({ ...firstCall, callId })))
    await time.settle()
    peer.stream.pause()
    const bytes = patterned(2_500)
    for (const call of recorder.calls.slice(0, 5)) call.respond(raw(bytes))
    // The owner of the bytes goes on with them, and a small answer with what is queued already.
    bytes.fill(0)
    recorder.calls[5]?.respond(value(1))
    peer.stream.resume()
    await time.advance(1_000)
    const order = peer.received.map((envelope) => ('callId' in envelope ? envelope.callId : 0))
    expect(order.indexOf(11)).toBeLessThan(3)
    expect(peer.all('result').map(({ callId }) => callId)).toEqual(expect.arrayContaining(ids))
    const pieces = peer.received.flatMap((envelope) =>
      'callId' in envelope && 'body' in envelope && envelope.callId === 9 ? [...envelope.body.bytes] : [],
    )
    expect(pieces).toEqual([...patterned(2_500)])
  })

  it('of raw bytes is what it was when it was sent, whatever its owner does with them', async () => {
    const { time, client, server } = await connected({ client: { limits: small } })
    const bytes = patterned(5_000)
    startCall(client.session, 'a/b', { input: raw(bytes) })
    bytes.fill(0)
    await time.settle()
    expect(server.recorder.calls[0]?.input).toEqual(raw(patterned(5_000)))
  })

  it('holds up the items and the end behind it, and no other call', async () => {
    const { peer, time, recorder } = await openProbe('server', { limits: small }, slow)
    peer.send({ ...firstCall, credit: credit(10) })
    await time.settle()
    const [call] = recorder.calls
    call?.sendItem(raw(patterned(2_500)))
    expect(call?.canSendItem).toBe(false)
    expect(() => call?.sendItem(value(1))).toThrow(expect.objectContaining({ code: 'FAILED_PRECONDITION' }))
    call?.end()
    await time.settle()
    expect(peer.kinds).toEqual(['item', 'more', 'more', 'end'])
  })

  it('is dropped by a failure of its call, which overtakes it', async () => {
    const { peer, time, recorder } = await openProbe('server', { limits: small }, slow)
    peer.stream.pause()
    peer.send({ ...firstCall, credit: credit(10) })
    await time.settle()
    recorder.calls[0]?.sendItem(raw(patterned(50_000)))
    recorder.calls[0]?.fail(new RpcError('A', 'failed'))
    peer.stream.resume()
    await time.advance(1_000)
    expect(peer.kinds.at(-1)).toBe('failure')
    expect(peer.all('more').length).toBeLessThan(5)
  })

  it('of an input is not sent any further once the call is cancelled', async () => {
    const { peer, time, session } = await openProbe('client', { limits: small }, slow)
    peer.stream.pause()
    const outcome = startCall(session, 'a/b', { input: raw(patterned(50_000)) })
    outcome.call.cancel()
    peer.stream.resume()
    await time.advance(1_000)
    expect(peer.kinds.at(-1)).toBe('cancel')
    expect(peer.all('more').length).toBeLessThan(5)
  })
})

describe('a body that comes in pieces', () => {
  const begins = { ...firstCall, body: body(1_000), goesOn: true }

  it('runs the handler when it is whole, and holds its slot before', async () => {
    const { peer, time, recorder, session } = await openProbe('server')
    peer.send(begins, more(1, 500, true))
    await time.settle()
    expect([recorder.calls.length, session.callsInFlight]).toEqual([0, 1])
    peer.send(more(1, 7, false))
    await time.settle()
    expect(recorder.calls[0]?.input).toEqual(
      raw(Uint8Array.from([...patterned(1_000), ...patterned(500), ...patterned(7)])),
    )
  })

  it.each([
    ['the whole length at the limit', 2_000, [1_000], 'PENDING'],
    ['one byte over', 2_000, [1_001], 'RESOURCE_EXHAUSTED'],
    ['far over', 2_000, [100_000], 'RESOURCE_EXHAUSTED'],
    ['one byte over, in many pieces', 1_003, [1, 1, 1, 1], 'RESOURCE_EXHAUSTED'],
  ])('%s of bodyBytesMax', async (_, bodyBytesMax, pieces, code) => {
    const { peer, time, recorder, session } = await openProbe('server', { limits: { bodyBytesMax } })
    peer.send(begins, ...pieces.map((length, index) => more(1, length, index < pieces.length - 1)))
    await time.settle()
    if (code === 'PENDING') expect([recorder.calls.length, peer.kinds]).toEqual([1, []])
    else expect(peer.all('failure')).toMatchObject([{ callId: 1, code, maybeExecuted: false }])
    expect(session.state).toBe('open')
  })

  it('fails when it does not fit beside the others, and these go on', async () => {
    const limits = { bodyBytesMax: 3_000, bodiesPartialBytesMax: 3_000 }
    const { peer, time, recorder, session } = await openProbe('server', { limits })
    peer.send(begins, { ...begins, callId: 3 }, { ...begins, callId: 5 }, more(3, 1, true), more(1, 1, true))
    await time.settle()
    expect(peer.all('failure')).toMatchObject([{ callId: 3, code: 'RESOURCE_EXHAUSTED' }])
    peer.send(more(3, 100, false), more(1, 1, false), more(5, 1, false))
    await time.settle()
    expect([recorder.calls.map(({ id }) => id), session.state]).toEqual([[1, 5], 'open'])
  })

  it('is forgotten when its call is cancelled: the handler never runs, and the room is free', async () => {
    const limits = { bodyBytesMax: 3_000, bodiesPartialBytesMax: 3_000 }
    const { peer, time, recorder, session } = await openProbe('server', { limits })
    for (let index = 0; index < 20; index += 1) {
      const callId = 1 + 2 * index
      peer.send({ ...begins, callId }, { kind: 'cancel', callId, code: 'CANCELLED', text: '' })
      peer.send(more(callId, 900, true))
    }
    await time.settle()
    expect(peer.all('failure').map(({ code, maybeExecuted }) => [code, maybeExecuted])).toEqual(
      Array.from({ length: 20 }, () => ['CANCELLED', false]),
    )
    expect([recorder.calls, session.callsInFlight, session.state]).toEqual([[], 0, 'open'])
  })

  it('is forgotten when its deadline passes', async () => {
    const { peer, time, recorder, session } = await openProbe('server')
    peer.send({ ...begins, deadlineMs: 100 })
    await time.advance(100)
    expect(peer.all('failure')).toMatchObject([{ code: 'DEADLINE_EXCEEDED', maybeExecuted: false }])
    peer.send(more(1, 10, false))
    await time.settle()
    expect([recorder.calls, session.state]).toEqual([[], 'open'])
  })

  it.each([
    ['a piece without a beginning', [firstCall, more(1, 1, false)]],
    ['a piece for a call never made', [more(9, 1, false)]],
    [
      'a piece in another encoding',
      [begins, { ...more(1, 1, false), body: { ...body(1), encoding: 'codec' } }],
    ],
    ['a piece behind the last one', [begins, more(1, 1, false), more(1, 1, false)]],
  ] as [string, Envelope[]][])('with %s ends the session', async (_, envelopes) => {
    const { peer, time, recorder } = await openProbe('server')
    peer.send(...envelopes)
    await time.advance(2_000)
    expect(recorder.closes).toMatchObject([{ code: 'PROTOCOL_VIOLATION' }])
  })

  it.each(['result', 'end', 'item'] as const)('has no %s inside it', async (kind) => {
    const { peer, time, session, recorder } = await openProbe('client')
    startCall(session, 'a/b', { initialCredit: credit(5) })
    peer.send({ kind: 'item', callId: 1, sequence: 0, body: body(10), goesOn: true })
    if (kind === 'item') peer.send({ kind, callId: 1, sequence: 1, body: body(1) })
    else if (kind === 'end') peer.send({ kind, callId: 1, metadata: {} })
    else peer.send({ kind, callId: 1, metadata: {}, body: noBody })
    await time.advance(2_000)
    expect(recorder.closes).toMatchObject([{ code: 'PROTOCOL_VIOLATION' }])
  })

  it.each(['result', 'item'] as const)(
    'as a %s that is too long fails its call here, and tells the peer',
    async (kind) => {
      const { peer, time, session } = await openProbe('client', { limits: { bodyBytesMax: 1_500 } })
      const outcome = startCall(session, 'a/b', kind === 'item' ? { initialCredit: credit(5) } : {})
      peer.send(
        kind === 'item'
          ? { kind, callId: 1, sequence: 0, body: body(1_000), goesOn: true }
          : { kind, callId: 1, metadata: {}, body: body(1_000), goesOn: true },
        more(1, 1_000, true),
        more(1, 1_000, false),
      )
      if (kind === 'item') peer.send({ kind: 'end', callId: 1, metadata: {} })
      await time.settle()
      expect([outcome.code, outcome.error?.maybeExecuted]).toEqual(['RESOURCE_EXHAUSTED', true])
      const what = kind === 'item' ? 'an item' : 'the result'
      expect(outcome.error?.message).toBe(`${what} is over the 1500 bytes that this side takes`)
      expect([peer.kinds, session.callsInFlight, session.state]).toEqual([['call', 'cancel'], 0, 'open'])
    },
  )

  it.each(['result', 'item'] as const)('of a %s is not kept for a call that has ended', async (kind) => {
    const { peer, time, session } = await openProbe('client')
    startCall(session, 'a/b', kind === 'item' ? { initialCredit: credit(5) } : {})
    peer.send({
      kind: 'failure',
      callId: 1,
      code: 'A',
      text: '',
      maybeExecuted: true,
      metadata: {},
      body: noBody,
    })
    const beginning = { callId: 1, body: body(10), goesOn: true }
    if (kind === 'item') peer.send({ kind, sequence: 0, ...beginning })
    else peer.send({ kind, metadata: {}, ...beginning })
    peer.send(more(1, 10, true))
    await time.settle()
    expect([session.stats().memory.partialBytes, session.state]).toEqual([0, 'open'])
  })

  it('is let go of when its call or its session ends', async () => {
    const { peer, time, session } = await openProbe('server')
    peer.send(begins, { ...begins, callId: 3 })
    await time.settle()
    expect(session.stats().memory.partialBytes).toBe(2_000)
    peer.send({ kind: 'cancel', callId: 1, code: 'CANCELLED', text: '' })
    await time.settle()
    expect(session.stats().memory.partialBytes).toBe(1_000)
    session.abort({ code: 'ABORTED', message: 'enough' })
    await time.settle()
    expect(session.stats().memory.partialBytes).toBe(0)
  })

  it('of a call that comes after the goaway of this side is not kept', async () => {
    const { peer, time, session } = await openProbe('server')
    peer.send(firstCall)
    await time.settle()
    void session.close({ graceMs: 60_000 })
    peer.send({ ...begins, callId: 3 }, more(3, 10, true))
    await time.settle()
    expect([session.stats().memory.partialBytes, session.state]).toEqual([0, 'draining'])
  })

  it('of an answer is dropped by the failure that overtakes it', async () => {
    const { peer, time, session } = await openProbe('client')
    const outcome = startCall(session)
    peer.send(
      { kind: 'result', callId: 1, metadata: {}, body: body(10), goesOn: true },
      { kind: 'failure', callId: 1, code: 'A', text: '', maybeExecuted: true, metadata: {}, body: noBody },
    )
    await time.settle()
    expect([outcome.code, session.state]).toEqual(['A', 'open'])
  })

  it('of a hundred thousand pieces of one byte costs little more than its bytes', async () => {
    const limits = { bodyBytesMax: 200_000 }
    const { peer, time, recorder } = await openProbe('server', { limits })
    const heapBefore = heapAfterCollection()
    peer.send({ ...begins, body: body(1) })
    for (let sent = 0; sent < 100; sent += 1) {
      peer.send(...Array.from({ length: 1_000 }, () => more(1, 1, true)))
      await time.settle()
    }
    expect(heapAfterCollection() - heapBefore).toBeLessThan(3_000_000)
    peer.send(more(1, 1, false))
    await time.settle()
    expect(recorder.calls[0]?.input).toMatchObject({ kind: 'raw', bytes: { length: 100_002 } })
  })

  it('that is too long is passed over to its end while its failure waits behind other answers', async () => {
    const limits = { bodyBytesMax: 1_500, answerBytesQueuedMax: 1 }
    const { peer, time, recorder, session } = await openProbe('server', { limits }, slow)
    peer.stream.pause()
    peer.send({ ...firstCall, callId: 1 }, { ...begins, callId: 3 })
    await time.settle()
    recorder.calls[0]?.respond(raw(patterned(1_400)))
    peer.send(more(3, 1_000, true), more(3, 1_000, true), more(3, 1, false))
    await time.settle()
    peer.stream.resume()
    await time.advance(1_000)
    expect(peer.all('failure')).toMatchObject([{ callId: 3, code: 'RESOURCE_EXHAUSTED' }])
    expect([session.state, session.callsInFlight]).toEqual(['open', 0])
  })

  it('takes no memory for what has not come: ten thousand beginnings hold what they sent', async () => {
    const { peer, time, session } = await openProbe('server', { limits: { callsInFlightMax: 10 } })
    for (let index = 0; index < 1_000; index += 1)
      peer.send({ ...begins, callId: 1 + 2 * index, body: body(1) })
    await time.settle()
    expect([session.callsInFlight, peer.all('failure').length, session.state]).toEqual([10, 990, 'open'])
  })
})
