import { describe, expect, it } from 'vitest'
import { createSessionHost } from '../../src/session/index.ts'
import { network } from '../support/network.ts'
import { hello, RawPeer, rawCall } from '../support/raw-peer.ts'
import { openSide, shareOf, value } from '../support/sessions.ts'

const KiB = 1024

describe('the memory of all sessions of a server', () => {
  async function servers(memoryBytesMax: number, shares: readonly (string | undefined)[]) {
    const { time } = network()
    const host = createSessionHost({ environment: time, turnMs: 10, memoryBytesMax })
    const made = []
    for (const key of shares) {
      const pair = network()
      const options = { host, share: shareOf(key) }
      const side = openSide('server', time, pair.a, options)
      const peer = new RawPeer(pair.b)
      peer.send(hello)
      made.push({ ...side, peer })
    }
    await time.settle()
    return { time, host, sides: made }
  }

  it('refuses calls of the largest share with a retry time when it is nearly used up', async () => {
    const { time, host, sides } = await servers(1024 * KiB, ['much', 'much', 'little'])
    const [first, second, third] = sides
    first?.peer.send(rawCall(1, 450 * KiB), rawCall(3, 450 * KiB))
    await time.settle()
    expect(host.memory.bytes).toBeGreaterThan(896 * KiB)
    second?.peer.send(rawCall(1, 60 * KiB), rawCall(3, 10), rawCall(5, 10))
    third?.peer.send(rawCall(1, 60 * KiB), rawCall(3, 10 * KiB))
    await time.settle()
    // A connection of the largest share that holds little is still served.
    expect(second?.peer.all('failure')).toMatchObject([
      { callId: 1, code: 'RESOURCE_EXHAUSTED', retryAfterMs: 1_000 },
    ])
    expect(second?.recorder.calls.map(({ id }) => id)).toEqual([3, 5])
    expect(third?.recorder.calls).toHaveLength(2)
    for (const incoming of first?.recorder.calls ?? []) incoming.respond(value(1))
    second?.peer.send(rawCall(7, 60 * KiB))
    await time.settle()
    expect(second?.recorder.calls).toHaveLength(3)
  })

  it('stays available to other shares when one share nearly uses it up', async () => {
    const { time, host, sides } = await servers(1024 * KiB, ['much', 'much', 'a', 'b'])
    for (const { peer } of sides.slice(0, 2)) peer.send(rawCall(1, 460 * KiB, true))
    await time.settle()
    expect(host.memory.bytes).toBeGreaterThan(896 * KiB)
    for (const { peer } of sides.slice(2)) peer.send(rawCall(1, 100 * KiB), rawCall(3, 100 * KiB))
    await time.advance(100)
    expect(sides.map(({ recorder }) => recorder.calls.length)).toEqual([0, 0, 2, 2])
    expect(sides.map(({ peer }) => peer.goawayCode)).toEqual(
      expect.arrayContaining(['OVERLOADED', undefined, undefined, undefined]),
    )
    expect(host.memory.gaveUp).toBe(1)
  })

  it('allows a session 64 KiB, and not a byte more, when its share has nearly used it up', async () => {
    const { time, sides } = await servers(1024 * KiB, ['one', 'one'])
    const [first, second] = sides
    first?.peer.send(rawCall(1, 450 * KiB), rawCall(3, 450 * KiB))
    await time.settle()
    const heldBytes = () => second!.session.stats().memory.totalBytes
    const before = heldBytes()
    second?.peer.send(rawCall(1, 1_000))
    await time.settle()
    // The size of a call in addition to its body.
    const besideBytes = heldBytes() - before - 1_000
    const exactly = 64 * KiB - heldBytes() - besideBytes
    second?.peer.send(rawCall(3, exactly + 1), rawCall(5, exactly))
    await time.settle()
    expect(second?.recorder.calls.map(({ id }) => id)).toEqual([1, 5])
    expect(heldBytes()).toBe(64 * KiB)
  })

  it('allows calls again when reported memory was freed, whichever session asks first', async () => {
    const { time, host, sides } = await servers(1024 * KiB, [undefined, undefined])
    const [first, second] = sides
    // Two complete frames in one chunk are held for a moment, and reported.
    first?.peer.send(rawCall(1, 490 * KiB), rawCall(3, 490 * KiB))
    await time.settle()
    expect(host.memory.bytes).toBeGreaterThan(896 * KiB)
    for (const incoming of first?.recorder.calls ?? []) incoming.respond(value(1))
    await time.advance(100)
    second?.peer.send(rawCall(1, 60 * KiB))
    await time.settle()
    expect(second?.recorder.calls).toHaveLength(1)
    expect(host.memory.bytes).toBeLessThan(200 * KiB)
  })

  it('ends the largest session of the largest share, with OVERLOADED and a retry time, when it is used up', async () => {
    const { time, host, sides } = await servers(1024 * KiB, ['many', 'many', 'many', 'many', 'one'])
    const halfFrame = (bytes: number) => {
      const frame = new Uint8Array(4 + bytes)
      frame[1] = 15
      return frame
    }
    // The buffer of a frame doubles, to 256 KiB here. `one` holds as much as each of `many`, and less than their sum.
    sides[4]?.peer.sendBytes(halfFrame(250 * KiB))
    for (const { peer } of sides.slice(0, 4)) peer.sendBytes(halfFrame(150 * KiB))
    await time.settle()
    for (const { peer } of sides) peer.sendBytes(new Uint8Array(10))
    await time.settle()
    for (const { peer } of sides) peer.sendBytes(new Uint8Array(10))
    await time.advance(100)
    const codes = sides.map(({ peer }) => peer.goawayCode)
    expect(codes[4]).toBe(undefined)
    expect(codes.filter((code) => code === 'OVERLOADED').length).toBe(host.memory.gaveUp)
    expect(host.memory.gaveUp).toBeGreaterThan(0)
    expect(sides.find(({ peer }) => peer.goawayCode)?.peer.all('goaway')[0]?.retryAfterMs).toBe(1_000)
  })

  it('is released at once when unfinished frames used it up, although their peers go on sending', async () => {
    const { time, host, sides } = await servers(1024 * KiB, [undefined, undefined])
    const begun = new Uint8Array(4 + 600 * KiB)
    new DataView(begun.buffer).setUint32(0, 900 * KiB)
    for (const { peer } of sides) {
      peer.stream.end = () => undefined // It sends on, and does not end.
      peer.sendBytes(begun)
    }
    await time.settle()
    // No time has passed. A connection that ends in order would still be read from.
    expect(host.memory.gaveUp).toBe(1)
    const [cut] = sides.filter(({ peer }) => peer.goawayCode === 'OVERLOADED')
    expect(cut?.peer.closed).toBe(true)
    expect(cut?.session.state).toBe('closed')
    expect(host.memory.bytes).toBeLessThan(1024 * KiB)
  })

  it('is 0 when all sessions have ended', async () => {
    const { time, host, sides } = await servers(1024 * KiB, [undefined, undefined, undefined])
    for (const { peer } of sides) peer.send(rawCall(1, 100 * KiB), rawCall(3, 50 * KiB, true))
    await time.settle()
    expect(host.memory.bytes).toBeGreaterThan(300 * KiB)
    for (const { session } of sides) session.abort({ code: 'ABORTED', message: 'enough' })
    await time.advance(5_000)
    expect(host.memory.bytes).toBe(0)
  })
})
