import { describe, expect, it } from 'vitest'
import type { Envelope } from '../../src/envelope/index.ts'
import { RpcError } from '../../src/index.ts'
import { firstCall, json, openProbe, rawBody } from '../support/raw-peer.ts'
import { value } from '../support/sessions.ts'
import { Reader } from '../support/upload-reader.ts'

const item = (sequence: number, text = '1', callId = 1): Envelope => ({
  kind: 'item',
  callId,
  sequence,
  body: json(text),
})
const end: Envelope = { kind: 'end', callId: 1, metadata: {} }
const upload: Envelope = { ...firstCall, upload: true }

/** A server with an upload from a peer that the test plays. */
async function server(limits = {}, options: ConstructorParameters<typeof Reader>[1] = {}, pair = {}) {
  const side = await openProbe('server', { limits }, pair)
  return { ...side, reader: new Reader(side.recorder, options) }
}

describe('a callee of an upload', () => {
  it('grants what it has read, and accepts no more than that', async () => {
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
    ['an item after the end', [upload, end, item(0)]],
    ['a second end', [upload, end, end]],
    ['a piece that has no first piece', [upload, { kind: 'more', callId: 1, body: rawBody(1) }]],
    ['an item inside another', [upload, { ...item(0), goesOn: true } as Envelope, item(1)]],
    ['an end inside an item', [upload, { ...item(0), goesOn: true } as Envelope, end]],
  ])('closes for %s', async (_, envelopes) => {
    const { peer, time, recorder } = await server()
    peer.send(...envelopes)
    await time.advance(2_000)
    expect(recorder.closes).toMatchObject([{ code: 'PROTOCOL_VIOLATION' }])
  })

  it('stops the upload at once when its handler does not ask for the items', async () => {
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

  it('ignores envelopes that cross its stop, including pieces of an item that had begun', async () => {
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

  it('may answer before the end, and ignores later envelopes', async () => {
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

  it('delivers and holds nothing more while its answer is sent in pieces', async () => {
    const { peer, reader, time, session } = await server(
      { pieceBytes: 4 },
      {},
      { windowBytes: 20, highWatermarkBytes: 20 },
    )
    peer.send(upload, item(0))
    await time.settle()
    const held = () => session.stats().memory.inputBytes
    const before = held()
    peer.stream.pause()
    reader.call.respond(value('an answer of many pieces'))
    const answered = held()
    peer.send(item(1), { ...item(2), goesOn: true } as Envelope, { kind: 'more', callId: 1, body: json('1') })
    await time.settle()
    expect([reader.seen, session.callsInFlight]).toEqual([[1], 1])
    expect([answered < before, held(), session.stats().memory.partialBytes]).toEqual([true, answered, 0])
    peer.send(end)
    peer.stream.resume()
    await time.settle()
    expect([peer.kinds[0], peer.kinds.at(-1), session.callsInFlight, held()]).toEqual([
      'result',
      'more',
      0,
      0,
    ])
  })

  it('fails an upload as maybe executed when its end has metadata over the limit', async () => {
    const { peer, reader, time, session } = await server({ metadataEntriesMax: 1 })
    peer.send(upload, item(0), { kind: 'end', callId: 1, metadata: { a: '', b: '' } })
    await time.settle()
    expect([reader.call.signal.aborted, reader.seen, peer.kinds]).toEqual([true, [1], []])
    reader.call.respond(value(1))
    await time.settle()
    expect([peer.all('failure'), session.state]).toMatchObject([
      [{ callId: 1, code: 'RESOURCE_EXHAUSTED', maybeExecuted: true }],
      'open',
    ])
    expect(peer.kinds).toEqual(['failure'])
  })

  it('delivers nothing more after a cancel, and answers when its handler has stopped', async () => {
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

  it('stops the upload when the deadline has passed', async () => {
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
    [
      'longer than the limit of this side',
      'RESOURCE_EXHAUSTED',
      { ...item(0), body: rawBody(41) } as Envelope,
    ],
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

  it.each([40, 41, 400])(
    'accepts an item in pieces of 40 bytes together, and none that is longer: %s',
    async (bytes) => {
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
    },
  )

  it('holds long items undecoded, and counts all unread items', async () => {
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

  it('refuses items over the memory of the connection, with a retry time', async () => {
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
