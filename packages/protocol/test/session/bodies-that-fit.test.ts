import { describe, expect, it } from 'vitest'
import { patterned, slowConnection } from '../support/pieces.ts'
import { credit, firstCall, openProbe, type RawPeer } from '../support/raw-peer.ts'
import { connected, type Outcome, raw, startCall, value } from '../support/sessions.ts'

/** Room for three of the longest bodies in part, or for eight of those that are sent here. */
const limits = { pieceBytes: 100, bodyBytesMax: 3_000, bodiesPartialBytesMax: 8_000 }
const both = { client: { limits }, server: { limits } }
const bodyBytes = 1_000

/** The maximum of bytes that a peer held of bodies in several pieces, including the last pieces. */
function mostInPart(peer: RawPeer): number {
  const parts = new Map<number, number>()
  let most = 0
  for (const envelope of peer.received) {
    if (!('callId' in envelope && 'body' in envelope && 'goesOn' in envelope)) continue
    const { callId, body, goesOn } = envelope
    if (goesOn !== true && !parts.has(callId)) continue
    parts.set(callId, (parts.get(callId) ?? 0) + body.bytes.length)
    most = Math.max(
      most,
      [...parts.values()].reduce((sum, bytes) => sum + bytes, 0),
    )
    if (goesOn !== true) parts.delete(callId)
  }
  return most
}

const codesOf = (outcomes: readonly Outcome[]) => [...new Set(outcomes.map(({ code }) => code))]

describe('long bodies that exceed the partial bodies of the receiver together', () => {
  it('wait at their sender: results', async () => {
    const { time, client, server } = await connected({ ...both, pair: slowConnection })
    server.recorder.onCall = (call) => call.respond(raw(patterned(bodyBytes)))
    const outcomes = Array.from({ length: 40 }, () => startCall(client.session))
    await time.advance(60_000)
    expect(codesOf(outcomes)).toEqual(['OK'])
    expect(outcomes.every(({ body }) => body?.kind === 'raw' && body.bytes.length === bodyBytes)).toBe(true)
  })

  it('wait at their sender: inputs, whose calls begin nevertheless, and in order', async () => {
    const { time, client, server } = await connected({ ...both, pair: slowConnection })
    server.recorder.onCall = (call) => call.respond(call.input)
    const outcomes = Array.from({ length: 40 }, () =>
      startCall(client.session, 'a/b', { input: raw(patterned(bodyBytes)) }),
    )
    await time.advance(60_000)
    expect(codesOf(outcomes)).toEqual(['OK'])
    expect(outcomes.every(({ body }) => body?.kind === 'raw' && body.bytes.length === bodyBytes)).toBe(true)
  })

  it('wait at their sender: items', async () => {
    const { time, client, server } = await connected({ ...both, pair: slowConnection })
    server.recorder.onCall = (call) => {
      call.sendItem(raw(patterned(bodyBytes)))
      call.end()
    }
    const outcomes = Array.from({ length: 40 }, () =>
      startCall(client.session, 'a/b', { initialCredit: credit(2) }),
    )
    await time.advance(60_000)
    expect(codesOf(outcomes)).toEqual(['OK'])
    expect(outcomes.every(({ items }) => items.length === 1)).toBe(true)
  })

  it.each([
    ['as many bodies as fit', 8, 8_000],
    ['one body more than fits', 9, 8_000],
    ['many more bodies than fit', 30, 8_000],
  ])('are sent in turn, as many as fit: %s', async (_, calls, most) => {
    const { peer, time, recorder } = await openProbe('server', { limits, peerLimits: limits }, slowConnection)
    recorder.onCall = (call) => call.respond(raw(patterned(bodyBytes)))
    peer.stream.pause()
    for (let call = 0; call < calls; call += 1) peer.send({ ...firstCall, callId: 2 * call + 1 })
    await time.settle()
    peer.stream.resume()
    await time.advance(60_000)
    expect(peer.all('result').length).toBe(calls)
    expect(mostInPart(peer)).toBeLessThanOrEqual(most)
    expect(mostInPart(peer)).toBeGreaterThan(6_000)
  })

  it('delay no short answer', async () => {
    const own = { ...limits, bodiesPartialBytesMax: 100_000 }
    const { peer, time, recorder } = await openProbe(
      'server',
      { limits: own, peerLimits: limits },
      slowConnection,
    )
    recorder.onCall = (call) => call.respond(call.id === 61 ? value(1) : raw(patterned(bodyBytes)))
    for (let callId = 1; callId <= 61; callId += 2) peer.send({ ...firstCall, callId })
    await time.advance(60_000)
    const order = peer.received.flatMap((envelope) => ('callId' in envelope ? [envelope.callId] : []))
    expect(order.indexOf(61)).toBeLessThan(order.length / 2)
  })

  it('make room when one is cancelled, also one that waits', async () => {
    const { time, client, server } = await connected({ ...both, pair: slowConnection })
    server.recorder.onCall = (call) => call.respond(call.input)
    const outcomes = Array.from({ length: 40 }, () =>
      startCall(client.session, 'a/b', { input: raw(patterned(bodyBytes)) }),
    )
    for (const at of [0, 3, 20, 39]) outcomes[at]?.call.cancel()
    await time.advance(60_000)
    expect(outcomes.filter(({ code }) => code === 'OK').length).toBe(36)
    expect(client.session.stats().memory.queuedBytes).toBe(0)
  })

  it('are sent one by one when the peer accepts only one at a time', async () => {
    const one = { ...limits, bodiesPartialBytesMax: 3_000 }
    const pair = { client: { limits: one }, server: { limits: one }, pair: slowConnection }
    const { time, client, server } = await connected(pair)
    server.recorder.onCall = (call) => call.respond(call.input)
    const outcomes = Array.from({ length: 10 }, () =>
      startCall(client.session, 'a/b', { input: raw(patterned(3_000)) }),
    )
    await time.advance(60_000)
    expect(codesOf(outcomes)).toEqual(['OK'])
  })
})
