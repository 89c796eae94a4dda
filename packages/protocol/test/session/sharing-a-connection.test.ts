import { describe, expect, it } from 'vitest'
import type { IncomingCall } from '../../src/session/index.ts'
import { credit, firstCall, openProbe, type RawPeer } from '../support/raw-peer.ts'
import { raw } from '../support/sessions.ts'

const KiB = 1024
const limits = { bodiesPartialBytesMax: 100 * KiB, bodyBytesMax: 100 * KiB, pieceBytes: 10 * KiB }
/** Queues of 32 KiB at both ends, and 32 KiB per 50 ms. */
const slow = {
  windowBytes: 32 * KiB,
  highWatermarkBytes: 32 * KiB,
  lowWatermarkBytes: 16 * KiB,
  latencyMs: 50,
}
/** The partial bodies that may wait, one item, and the queue with the piece that fills it. */
const heldMax = 150 * KiB + 42 * KiB + KiB

/** Sends `items` items of `itemBytes` bytes without a pause, as a call allows. */
async function sendItems(call: IncomingCall, itemBytes: number, items: number): Promise<void> {
  for (let item = 0; item < items; item++) {
    while (!call.canSendItem) await call.ready()
    call.sendItem(raw(new Uint8Array(itemBytes)))
  }
}

async function streams(count: number, itemBytes: number) {
  const probe = await openProbe('server', { limits }, slow)
  const { peer, recorder, time } = probe
  recorder.onCall = (call) => void sendItems(call, itemBytes, 1_000).catch(() => undefined)
  return {
    ...probe,
    async start() {
      for (let at = 0; at < count; at++)
        peer.send({ ...firstCall, callId: 1 + 2 * at, credit: credit(1_000) })
      await time.advance(200)
    },
  }
}

function itemsOf(peer: RawPeer): number[] {
  const items = new Map<number, number>()
  for (const { callId } of peer.all('item')) items.set(callId, (items.get(callId) ?? 0) + 1)
  return [...items.values()]
}

/** A producer that never waits sends several items while there is room, so the shares are equal only over some time. */
function expectEqualShares(items: readonly number[], streams: number): void {
  expect(items.length).toBe(streams)
  expect(Math.max(...items) / Math.min(...items)).toBeLessThan(1.5)
}

describe('streams', () => {
  it('of long items hold at most bodiesPartialBytesMax and an item for a peer that does not read', async () => {
    const { peer, session, time, start } = await streams(100, 50 * KiB)
    peer.stream.pause()
    await start()
    await time.advance(5_000)
    expect(session.stats().memory.queuedBytes).toBeLessThanOrEqual(heldMax)
  })

  it('of long items hold no more for a slow peer, and each of them progresses', async () => {
    const { peer, session, time, start } = await streams(10, 50 * KiB)
    await start()
    const held: number[] = []
    for (let at = 0; at < 60; at++) {
      await time.advance(100)
      held.push(session.stats().memory.queuedBytes)
    }
    expect(Math.max(...held)).toBeLessThanOrEqual(heldMax)
    expectEqualShares(itemsOf(peer), 10)
  })

  it('of short items share a full connection', async () => {
    const { peer, time, start } = await streams(5, 9 * KiB)
    await start()
    await time.advance(6_000)
    expectEqualShares(itemsOf(peer), 5)
  })
})

describe('a stream whose producer never pauses, and a long answer,', () => {
  it('share a full connection, and both progress', async () => {
    const narrow = { ...slow, windowBytes: 4 * KiB, highWatermarkBytes: 4 * KiB, lowWatermarkBytes: 2 * KiB }
    const { peer, recorder, time } = await openProbe('server', { limits: { pieceBytes: KiB } }, narrow)
    recorder.onCall = (call) => {
      if (call.kind === 'unary') call.respond(raw(new Uint8Array(150 * KiB)))
      else void sendItems(call, 900, 1_000).catch(() => undefined)
    }
    await time.advance(200)
    peer.send({ ...firstCall, credit: credit(1_000) }, { ...firstCall, callId: 3 })
    await time.advance(2_500)
    const pieces = peer.all('result').length + peer.all('more').length
    expect(pieces).toBeGreaterThan(20)
    expect(peer.all('item').length).toBeGreaterThan(20)
    await time.advance(8_000)
    expect(peer.all('more').filter(({ goesOn }) => goesOn !== true)).toHaveLength(1)
  })
})
