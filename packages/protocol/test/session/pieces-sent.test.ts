import { describe, expect, it } from 'vitest'
import { RpcError } from '../../src/index.ts'
import { patterned, slowConnection } from '../support/pieces.ts'
import { credit, firstCall, openProbe } from '../support/raw-peer.ts'
import { connected, raw, startCall, value } from '../support/sessions.ts'

const small = { pieceBytes: 1_000 }

describe('a body of several pieces', () => {
  it.each([
    ['one piece', 1_000, 0],
    ['one byte over a piece', 1_001, 1],
    ['many pieces', 250_000, 249],
    ['a multiple of a piece', 5_000, 4],
  ])('of %s arrives complete, as input, as result and as item', async (_, length, pieces) => {
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

  it('longer than a frame arrives if the peer accepts bodies of that length', async () => {
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

  it('is sent in frames that the peer accepts, although this side accepts longer ones', async () => {
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
    // All pieces but the last have the maximum length.
    expect(new Set(pieces.slice(0, -1).map(({ length }) => length))).toEqual(new Set([4_096 - 10]))
  })

  it('counts as queued until it was sent', async () => {
    const { peer, time, recorder, session } = await openProbe('server', { limits: small }, slowConnection)
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
    const { peer, time, recorder } = await openProbe('server', { limits: small }, slowConnection)
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

  it('waits with its first piece while the connection is full, and arrives as it was given', async () => {
    const { peer, time, recorder } = await openProbe('server', { limits: small }, slowConnection)
    const ids = [1, 3, 5, 7, 9, 11]
    peer.send(...ids.map((callId) => ({ ...firstCall, callId })))
    await time.settle()
    peer.stream.pause()
    const bytes = patterned(2_500)
    for (const call of recorder.calls.slice(0, 5)) call.respond(raw(bytes))
    // The owner of the bytes overwrites them, and a small answer is not delayed.
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

  it('of raw bytes arrives as it was when it was sent, although its owner overwrites them', async () => {
    const { time, client, server } = await connected({ client: { limits: small } })
    const bytes = patterned(5_000)
    startCall(client.session, 'a/b', { input: raw(bytes) })
    bytes.fill(0)
    await time.settle()
    expect(server.recorder.calls[0]?.input).toEqual(raw(patterned(5_000)))
  })

  it('delays the items and the end of its call, and no other call', async () => {
    const { peer, time, recorder } = await openProbe('server', { limits: small }, slowConnection)
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

  it('is dropped when its call fails', async () => {
    const { peer, time, recorder } = await openProbe('server', { limits: small }, slowConnection)
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

  it('of an input is no longer sent once the call is cancelled', async () => {
    const { peer, time, session } = await openProbe('client', { limits: small }, slowConnection)
    peer.stream.pause()
    const outcome = startCall(session, 'a/b', { input: raw(patterned(50_000)) })
    outcome.call.cancel()
    peer.stream.resume()
    await time.advance(1_000)
    expect(peer.kinds.at(-1)).toBe('cancel')
    expect(peer.all('more').length).toBeLessThan(5)
  })
})
