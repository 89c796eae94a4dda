import { describe, expect, it } from 'vitest'
import type { Envelope } from '../../src/envelope/index.ts'
import { RpcError } from '../../src/index.ts'
import type { IncomingCall } from '../../src/session/index.ts'
import { credit, firstCall, json, openProbe, rawBody } from '../support/raw-peer.ts'
import { connected, type Recorder, raw, startCall, value } from '../support/sessions.ts'

const item = (sequence: number, text = '1', callId = 1): Envelope => ({
  kind: 'item',
  callId,
  sequence,
  body: json(text),
})
const end: Envelope = { kind: 'end', callId: 1, metadata: {} }
const upload: Envelope = { ...firstCall, upload: true }

/** What a callee read of an upload. */
class Reader {
  readonly seen: unknown[] = []
  call!: IncomingCall

  constructor(recorder: Recorder, { isLong = false, receives = true } = {}) {
    recorder.onCall = (call) => {
      this.call = call
      if (!receives) return
      call.upload?.receive({
        item: (body) => this.seen.push(body.kind === 'value' ? body.value : body),
        ...(isLong ? { longItem: (read) => this.seen.push(read) } : {}),
        end: () => this.seen.push('end'),
      })
    }
  }
}

/** A server whose peer, spoken by hand, uploads to it. */
async function server(limits = {}, options: ConstructorParameters<typeof Reader>[1] = {}) {
  const side = await openProbe('server', { limits })
  return { ...side, reader: new Reader(side.recorder, options) }
}

/** A client that uploads to a peer spoken by hand. */
async function client(peerLimits = {}) {
  const side = await openProbe('client', { peerLimits })
  const outcome = startCall(side.session, 'a/b', { upload: true })
  await side.time.settle()
  return { ...side, outcome, upload: outcome.call.upload! }
}

describe('an upload from one session to another', () => {
  it('brings the items in order, then the end, and gets the result', async () => {
    const { client, server, time } = await connected()
    const reader = new Reader(server.recorder)
    const outcome = startCall(client.session, 'a/b', { upload: true, input: value('head') })
    for (const number of [1, 2, 3]) outcome.call.upload?.send(value(number))
    outcome.call.upload?.end()
    await time.settle()
    expect([reader.call.kind, reader.call.input, reader.seen]).toEqual([
      'client-stream',
      value('head'),
      [1, 2, 3, 'end'],
    ])
    reader.call.respond(value('sum'))
    await time.settle()
    expect([outcome.value, client.session.callsInFlight, server.session.callsInFlight]).toEqual(['sum', 0, 0])
  })

  it('goes both ways at once, each direction with its own numbers and credit', async () => {
    const { client, server, time } = await connected()
    const reader = new Reader(server.recorder)
    const outcome = startCall(client.session, 'a/b', { upload: true, initialCredit: credit(2) })
    await time.settle()
    reader.call.sendItem(value('a'))
    outcome.call.upload?.send(value(1))
    outcome.call.upload?.send(value(2))
    reader.call.sendItem(value('b'))
    await time.settle()
    expect([reader.call.kind, reader.seen, reader.call.canSendItem]).toEqual(['both-ways', [1, 2], false])
    expect(outcome.items).toEqual([value('a'), value('b')])
    reader.call.end()
    await time.settle()
    expect(outcome.code).toBe('OK')
    outcome.call.upload?.send(value(3))
    expect(await outcome.call.upload?.ready()).toBe(false)
  })

  it('waits for the last piece of a long input, and sends long items in pieces', async () => {
    const limits = { pieceBytes: 100 }
    const { client, server, time } = await connected({ client: { limits }, server: { limits } })
    const reader = new Reader(server.recorder)
    const long = 'x'.repeat(1_000)
    const outcome = startCall(client.session, 'a/b', { upload: true, input: value(long) })
    const upload = outcome.call.upload!
    for (const text of [long, 'short', long]) {
      if (!upload.canSend) expect(await Promise.race([upload.ready(), time.advance(10)])).toBe(true)
      upload.send(value(text))
    }
    upload.end()
    await time.advance(10)
    expect(reader.seen).toEqual([long, 'short', long, 'end'])
  })

  it.each([true, false])('reaches a callee behind a call that waits for a slot (ended: %s)', async (ends) => {
    const { client, server, time } = await connected({ server: { limits: { callsInFlightMax: 1 } } })
    startCall(client.session)
    await time.settle()
    const [first] = server.recorder.calls
    const reader = new Reader(server.recorder)
    const outcome = startCall(client.session, 'a/b', { upload: true })
    const { upload } = outcome.call
    expect(upload?.canSend).toBe(false)
    const ready = upload?.ready()
    if (ends) upload?.end()
    first?.respond(value(1))
    await time.settle()
    expect(await ready).toBe(!ends)
    if (!ends) upload?.send(value('late'))
    await time.settle()
    expect(reader.seen).toEqual(ends ? ['end'] : ['late'])
  })
})

describe('a caller that uploads', () => {
  it('says so, begins with what the callee announced, and waits for credit in items and in bytes', async () => {
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

  it('sends nothing before a grant to a callee that announced none', async () => {
    const { upload, peer, time } = await client({ uploadItems: 0, uploadBytes: 0 })
    expect(upload.canSend).toBe(false)
    peer.send({ kind: 'credit', callId: 1, items: 1, bytes: 1 })
    await time.settle()
    expect(upload.canSend).toBe(true)
  })

  it('ends once, and refuses items behind the end', async () => {
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

  it('sends no more once it is told to stop, says so once, and waits for the answer', async () => {
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
    ['a cancel of its own', undefined],
  ])('drops the rest of a long item, and what waits, with %s before the end', async (_, answer) => {
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
  ])('closes for %s about a call that sends no items', async (kind, envelope) => {
    const { peer, session, time, recorder } = await openProbe('client')
    startCall(session)
    await time.settle()
    peer.send(envelope)
    await time.advance(2_000)
    expect(recorder.closes).toMatchObject([{ code: 'PROTOCOL_VIOLATION' }])
    expect(recorder.closes[0]?.message).toContain(`${kind} for call 1, which sends no items`)
  })

  it('fails to send an item over the limit of the callee, or without a form, and goes on', async () => {
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

describe('a callee of an upload', () => {
  it('grants what it has read, and lets no more come', async () => {
    const { peer, reader, time, recorder } = await server({ uploadItems: 2, uploadBytes: 100 })
    peer.send(upload, item(0), item(1))
    await time.settle()
    reader.call.upload?.grant({ items: 1, bytes: 1 })
    peer.send(item(2))
    await time.settle()
    expect([peer.all('credit'), reader.seen]).toMatchObject([[{ callId: 1, items: 1, bytes: 1 }], [1, 1, 1]])
    peer.send(item(3))
    await time.advance(2_000)
    expect(recorder.closes).toMatchObject([{ code: 'PROTOCOL_VIOLATION' }])
  })

  it.each<[string, readonly Envelope[]]>([
    ['an item out of sequence', [upload, item(1)]],
    ['an item behind the end', [upload, end, item(0)]],
    ['a second end', [upload, end, end]],
    ['a piece without a beginning', [upload, { kind: 'more', callId: 1, body: rawBody(1) }]],
    ['an item inside another', [upload, { ...item(0), goesOn: true } as Envelope, item(1)]],
    ['an end inside an item', [upload, { ...item(0), goesOn: true } as Envelope, end]],
  ])('closes for %s', async (_, envelopes) => {
    const { peer, time, recorder } = await server()
    peer.send(...envelopes)
    await time.advance(2_000)
    expect(recorder.closes).toMatchObject([{ code: 'PROTOCOL_VIOLATION' }])
  })

  it('tells the caller at once to stop when nobody asks for the items', async () => {
    const { peer, reader, time, session } = await server({}, { receives: false })
    peer.send(upload, item(0), item(1), { ...item(2), goesOn: true } as Envelope, {
      kind: 'more',
      callId: 1,
      body: json('2'),
    })
    peer.send(end)
    await time.settle()
    expect([peer.kinds, session.state]).toEqual([['stop'], 'open'])
    reader.call.respond(value(1))
    await time.settle()
    expect(peer.kinds).toEqual(['stop', 'result'])
  })

  it('passes over what crosses its stop, pieces of an item that had begun included', async () => {
    const { peer, reader, time, session } = await server()
    peer.send(upload, item(0), { ...item(1), goesOn: true } as Envelope)
    await time.settle()
    reader.call.upload?.stop()
    reader.call.upload?.stop()
    peer.send(
      { kind: 'more', callId: 1, body: json('1'), goesOn: true },
      { kind: 'more', callId: 1, body: json('1') },
    )
    peer.send(item(2), item(3), end, end)
    await time.settle()
    expect([peer.kinds, reader.seen, session.state]).toEqual([['stop'], [1], 'open'])
    expect(session.stats().memory.partialBytes).toBe(0)
  })

  it('answers before the end, and passes over what still comes', async () => {
    const { peer, reader, time, session } = await server()
    peer.send(upload, item(0))
    await time.settle()
    reader.call.respond(value('enough'))
    peer.send(
      item(1),
      { ...item(2), goesOn: true } as Envelope,
      { kind: 'more', callId: 1, body: json('1') },
      end,
    )
    await time.settle()
    expect([peer.kinds, reader.seen, session.state, session.callsInFlight]).toEqual([
      ['result'],
      [1],
      'open',
      0,
    ])
  })

  it('hands nothing on once the caller has cancelled, and answers when its handler has stopped', async () => {
    const { peer, reader, time } = await server()
    peer.send(upload, item(0))
    await time.settle()
    const { signal } = reader.call
    peer.send({ kind: 'cancel', callId: 1, code: 'CANCELLED', text: 'the source failed' })
    await time.settle()
    expect([signal.aborted, (signal.reason as RpcError).message, reader.seen]).toEqual([
      true,
      expect.stringContaining('the source failed'),
      [1],
    ])
    reader.call.fail(new RpcError('ABORTED', ''))
    await time.settle()
    expect(peer.all('failure')).toMatchObject([{ code: 'CANCELLED', maybeExecuted: true }])
  })

  it('tells the caller to stop when the deadline has passed', async () => {
    const { peer, reader, time } = await server()
    peer.send({ ...upload, deadlineMs: 50 } as Envelope, item(0))
    await time.advance(60)
    expect(peer.kinds).toEqual(['stop'])
    reader.call.respond(value(1))
    await time.settle()
    expect(peer.all('failure')).toMatchObject([{ code: 'DEADLINE_EXCEEDED' }])
  })

  it.each<[string, string, Envelope]>([
    ['no JSON', 'INVALID_ARGUMENT', item(0, '{')],
    ['longer than this side takes', 'RESOURCE_EXHAUSTED', { ...item(0), body: rawBody(41) } as Envelope],
  ])('fails the call for an item that is %s', async (_, code, envelope) => {
    const { peer, reader, time, session } = await server({ bodyBytesMax: 40 })
    peer.send(upload, envelope, item(1))
    await time.settle()
    expect([reader.call.signal.aborted, reader.seen]).toEqual([true, []])
    reader.call.respond(value(1))
    await time.settle()
    expect(peer.all('failure')).toMatchObject([{ code, maybeExecuted: true }])
    expect(session.state).toBe('open')
  })

  it.each([40, 41, 400])('takes an item in pieces of 40 bytes, and not one of more: %s', async (bytes) => {
    const { peer, reader, time, session } = await server({ bodyBytesMax: 40 })
    peer.send(upload, { ...item(0), body: rawBody(20), goesOn: true } as Envelope, {
      kind: 'more',
      callId: 1,
      body: rawBody(bytes - 20),
      goesOn: true,
    })
    await time.settle()
    expect(reader.call.signal.aborted).toBe(bytes > 40)
    expect(session.state).toBe('open')
  })

  it('holds long items as they came, and counts all that were not read', async () => {
    const { peer, reader, time, session } = await server({}, { isLong: true })
    const text = JSON.stringify('x'.repeat(5_000))
    peer.send(upload, item(0, text), item(1))
    await time.settle()
    const held = session.stats().memory.inputBytes
    expect(held).toBeGreaterThan(5_000)
    const read = reader.seen[0] as () => unknown
    expect(read()).toEqual(value('x'.repeat(5_000)))
    reader.call.upload?.taken()
    expect(held - session.stats().memory.inputBytes).toBeGreaterThan(5_000)
    reader.call.respond(value(1))
    await time.settle()
    expect(session.stats().memory.inputBytes).toBe(0)
  })

  it('refuses more than the connection may hold, with the time after which to try again', async () => {
    const { peer, reader, time, session } = await server({
      sessionMemoryBytesMax: 65_536,
      uploadItems: 100,
      uploadBytes: 1_000_000,
    })
    peer.send(upload)
    for (let number = 0; number < 10; number++)
      peer.send({ ...item(number), body: rawBody(9_000) } as Envelope)
    await time.settle()
    expect(reader.call.signal.reason).toMatchObject({ code: 'RESOURCE_EXHAUSTED', retryAfterMs: 1_000 })
    expect(session.stats().memory.inputBytes).toBeLessThan(2_000)
  })
})
