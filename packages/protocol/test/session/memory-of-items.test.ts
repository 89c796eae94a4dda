import { describe, expect, it } from 'vitest'
import type { Envelope } from '../../src/envelope/index.ts'
import { createSessionHost } from '../../src/session/index.ts'
import { credit, firstCall, json, openProbe, rawBody, rawCall } from '../support/raw-peer.ts'
import { startCall } from '../support/sessions.ts'

const KiB = 1024

/** A client with a stream that the test answers. */
async function client(sessionMemoryBytesMax: number, limits = {}, options = {}) {
  const side = await openProbe('client', { limits: { sessionMemoryBytesMax, ...limits }, ...options })
  const stream = startCall(side.session, 'a/stream', { initialCredit: credit(1_000) })
  await side.time.settle()
  return { ...side, stream, callId: side.peer.all('call')[0]!.callId }
}

const item = (callId: number, sequence: number, body: object = json('1')) =>
  ({ kind: 'item', callId, sequence, body }) as Envelope

describe('items that the owner of a stream keeps', () => {
  it('count as memory of the session until they are released, also after the call has settled', async () => {
    const { peer, time, session, stream, callId } = await client(200 * KiB)
    const before = session.stats().memory
    expect(before.itemBytes).toBe(0)
    stream.call.keep(5_000)
    expect(session.stats().memory).toMatchObject({ itemBytes: 5_000, totalBytes: before.totalBytes + 5_000 })
    peer.send({ kind: 'end', callId, metadata: {} })
    await time.settle()
    expect([stream.code, session.stats().memory.itemBytes]).toEqual(['OK', 5_000])
    stream.call.keep(-5_000)
    expect(session.stats().memory).toEqual(before)
  })

  it('come with their sizes, which are estimated at first and computed from 256 KiB on', async () => {
    const { peer, time, session } = await client(10_000 * KiB)
    const held: number[] = []
    const call = session.call(
      { procedure: 'a/stream', input: { kind: 'none' }, initialCredit: credit(10) },
      { item: (_body, _bytes, heldBytes) => void held.push(heldBytes), settled: () => undefined },
    )
    await time.settle()
    const brackets = json(`[${'{},'.repeat(100)}1]`)
    call.keep(256 * KiB)
    peer.send(item(call.id, 0, brackets))
    await time.settle()
    call.keep(1)
    peer.send(item(call.id, 1, brackets))
    await time.settle()
    const [guessed = 0, seen = 0] = held
    expect(guessed).toBeLessThan(1_000)
    expect(seen).toBeGreaterThan(6_000)
  })

  it('have computed sizes when all sessions hold over an eighth of their budget', async () => {
    const { time, peer, session } = await openProbe('client')
    const host = createSessionHost({ environment: time, turnMs: 10, memoryBytesMax: 1024 * KiB })
    const other = await openProbe('client', { host })
    const [alone, among] = await Promise.all(
      [{ peer, session, time }, other].map(async (side) => {
        const held: number[] = []
        const call = side.session.call(
          { procedure: 'a/stream', input: { kind: 'none' }, initialCredit: credit(10) },
          { item: (_body, _bytes, heldBytes) => void held.push(heldBytes), settled: () => undefined },
        )
        call.keep(130 * KiB)
        await side.time.settle()
        side.peer.send(item(call.id, 0, json(`[${'{},'.repeat(100)}1]`)))
        await side.time.settle()
        return held[0] ?? 0
      }),
    )
    expect(alone).toBeLessThan(1_000)
    expect(among).toBeGreaterThan(6_000)
  })

  it('cause no refusals by themselves: neither of calls nor of pieces of other items', async () => {
    const { peer, time, session, recorder, stream, callId } = await client(64 * KiB)
    stream.call.keep(10_000 * KiB)
    peer.send({ ...rawCall(2, 10 * KiB) })
    peer.send({ ...item(callId, 0, rawBody(10 * KiB)), goesOn: true } as Envelope)
    peer.send({ kind: 'more', callId, body: rawBody(10 * KiB) })
    await time.settle()
    expect([recorder.calls.length, peer.all('failure'), session.state]).toEqual([1, [], 'open'])
    expect([stream.itemBytes, stream.code]).toEqual([[20 * KiB], 'PENDING'])
  })

  it('arrive in pieces even when other things use up the memory of the session', async () => {
    const { peer, time, session, stream, callId } = await client(64 * KiB)
    expect(session.takeMemory(55 * KiB)).toBeUndefined()
    peer.send({ ...item(callId, 0, rawBody(10 * KiB)), goesOn: true } as Envelope)
    peer.send({ kind: 'more', callId, body: rawBody(10 * KiB) })
    await time.settle()
    expect([stream.itemBytes, stream.code]).toEqual([[20 * KiB], 'PENDING'])
    // A call, which this side has not asked for, is refused as before.
    peer.send(rawCall(2, 20 * KiB))
    await time.settle()
    expect(peer.all('failure')).toMatchObject([{ callId: 2, code: 'RESOURCE_EXHAUSTED' }])
  })
})

describe('a window', () => {
  it.each([
    ['at the limit', 100 * KiB, true],
    ['one over', 100 * KiB + 1, false],
    ['far over', 10_000 * KiB, false],
  ])('grows up to half of the memory of its session: %s', async (_, bytes, grows) => {
    const { stream } = await client(200 * KiB)
    expect(stream.call.mayGrow(bytes)).toBe(grows)
  })

  it('shares that half with the other windows of the session, until their calls end', async () => {
    const { peer, time, session, stream, callId } = await client(200 * KiB)
    const other = startCall(session, 'a/stream', { initialCredit: credit(1) })
    await time.settle()
    const left = () => [stream.call.mayGrow(60 * KiB), stream.call.mayGrow(40 * KiB)]
    other.call.grow(60 * KiB)
    expect(left()).toEqual([false, true])
    other.call.cancel()
    expect(left()).toEqual([true, true])
    stream.call.grow(100 * KiB)
    expect(left()).toEqual([false, false])
    peer.send({ kind: 'end', callId, metadata: {} })
    await time.settle()
    const next = startCall(session, 'a/stream', { initialCredit: credit(1) })
    expect(next.call.mayGrow(100 * KiB)).toBe(true)
    // The window of a call that has ended no longer counts.
    stream.call.grow(100 * KiB)
    expect([stream.call.mayGrow(1), next.call.mayGrow(100 * KiB)]).toEqual([false, true])
  })

  it('of an upload shares it too, until the caller ends the upload or the callee stops it', async () => {
    for (const ends of ['end', 'stop'] as const) {
      const { peer, time, session, recorder } = await openProbe('server', {
        limits: { sessionMemoryBytesMax: 200 * KiB },
      })
      peer.send({ ...firstCall, upload: true }, { ...firstCall, callId: 3, upload: true })
      recorder.onCall = (call) => call.upload?.receive({ item: () => undefined, end: () => undefined })
      await time.settle()
      const [first, second] = recorder.calls
      first?.upload?.grow(90 * KiB)
      expect([second?.upload?.mayGrow(10 * KiB), second?.upload?.mayGrow(10 * KiB + 1)]).toEqual([
        true,
        false,
      ])
      if (ends === 'end') peer.send({ kind: 'end', callId: 1, metadata: {} })
      else first?.upload?.stop()
      await time.settle()
      expect([second?.upload?.mayGrow(100 * KiB), session.state]).toEqual([true, 'open'])
    }
  })

  it.each([
    ['half of the memory', 92 * KiB, false],
    ['one byte more than half', 92 * KiB + 1, true],
    ['far more than half', 10_000 * KiB, true],
  ])('does not grow while the session holds over half of its memory: %s', async (_, bytes, isScarce) => {
    const { session, stream } = await client(200 * KiB)
    stream.call.keep(bytes)
    expect([session.isMemoryScarce, stream.call.mayGrow(1)]).toEqual([isScarce, !isScarce])
    stream.call.keep(-bytes)
    expect([session.isMemoryScarce, stream.call.mayGrow(1)]).toEqual([false, true])
  })

  it('does not grow while all sessions of a host hold over seven eighths of their budget', async () => {
    const { time } = await openProbe('client')
    const host = createSessionHost({ environment: time, turnMs: 10, memoryBytesMax: 1024 * KiB })
    const sides = await Promise.all([client(2_000 * KiB, {}, { host }), client(2_000 * KiB, {}, { host })])
    const [first, second] = sides
    first?.stream.call.keep(870 * KiB)
    expect(second?.stream.call.mayGrow(1)).toBe(true)
    first?.stream.call.keep(40 * KiB)
    expect([second?.stream.call.mayGrow(1), second?.session.isMemoryScarce]).toEqual([false, true])
    first?.stream.call.keep(-910 * KiB)
    expect(second?.stream.call.mayGrow(1)).toBe(true)
  })
})
