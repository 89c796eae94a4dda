import { describe, expect, it } from 'vitest'
import type { Envelope } from '../../src/envelope/index.ts'
import { MemoryLedger } from '../../src/session/common/memory-ledger.ts'
import { callSize } from '../../src/session/flow/decoded-size.ts'
import { createSessionHost } from '../../src/session/index.ts'
import { heapAfterCollection } from '../support/heap.ts'
import { network } from '../support/network.ts'
import { hello, json, openProbe, RawPeer } from '../support/raw-peer.ts'
import { openSide, value } from '../support/sessions.ts'

const rawBody = (length: number) => ({ encoding: 'raw', bytes: new Uint8Array(length) }) as const
const call = (callId: number, length: number, goesOn = false): Envelope => ({
  kind: 'call',
  callId,
  procedure: 'a/b',
  upload: false,
  metadata: {},
  body: rawBody(length),
  ...(goesOn ? { goesOn } : {}),
})
const KiB = 1024

/** What a call of this many raw bytes is counted with. */
const counted = (length: number) => callSize(rawBody(length))

describe('what a session holds for its peer', () => {
  it('is shown by kind, and is back at the start when all has ended', async () => {
    const { peer, time, recorder, session } = await openProbe('server')
    const before = session.stats().memory
    peer.send(call(1, 5_000), call(3, 7_000, true))
    peer.sendBytes(Uint8Array.of(0, 0, 100, 0, 1, 2, 3))
    await time.settle()
    const { memory } = session.stats()
    expect(memory).toMatchObject({ inputBytes: counted(5_000), partialBytes: 7_000, frameBytes: 4 + 1_024 })
    expect(memory.totalBytes - before.totalBytes).toBe(counted(5_000) + 7_000 + 4 + 1_024)
    peer.sendBytes(new Uint8Array(0))
    recorder.calls[0]?.respond(value(1))
    peer.send({ kind: 'cancel', callId: 3, code: 'CANCELLED', text: '' })
    await time.settle()
    expect(session.stats().memory).toMatchObject({ inputBytes: 0, frameBytes: 4 + 1_024 })
  })

  it('counts the input of a call that was given up for as long as its handler runs', async () => {
    const { peer, time, recorder, session } = await openProbe('server', { limits: { handlerStopMs: 100 } })
    peer.send(call(1, 5_000), { kind: 'cancel', callId: 1, code: 'CANCELLED', text: '' })
    await time.advance(200)
    expect(session.stats()).toMatchObject({ callsAbandoned: 1, memory: { inputBytes: counted(5_000) } })
    recorder.calls[0]?.respond(value(1))
    expect(session.stats()).toMatchObject({ callsAbandoned: 0, memory: { inputBytes: 0 } })
  })
})

describe('sessionMemoryBytesMax', () => {
  const limits = { sessionMemoryBytesMax: 200 * KiB, frameBytesMax: 64 * KiB, bodyBytesMax: 64 * KiB }
  const room = 200 * KiB - 8 * KiB

  it.each([
    ['at the limit', room - counted(40 * KiB) - 1024, []],
    ['one over', room - counted(40 * KiB) - 1023, ['RESOURCE_EXHAUSTED']],
    ['far over', 63 * KiB, ['RESOURCE_EXHAUSTED']],
  ])('refuses a call with a hint when to come back: %s', async (_, last, codes) => {
    const { peer, time, recorder, session } = await openProbe('server', {
      limits: {
        ...limits,
        overloadRetryAfterMs: 700,
        frameBytesMax: 256 * KiB,
        bodyBytesMax: 256 * KiB,
        bodiesPartialBytesMax: 256 * KiB,
      },
    })
    const first =
      last === 63 * KiB ? [call(1, 60 * KiB), call(3, 60 * KiB), call(5, 60 * KiB)] : [call(5, 40 * KiB)]
    peer.send(...first)
    await time.settle()
    peer.send(call(7, last))
    await time.settle()
    const failures = peer.all('failure')
    expect(failures.map(({ code }) => code)).toEqual(codes)
    if (codes.length > 0) expect(failures[0]?.retryAfterMs).toBe(700)
    expect(recorder.calls.length).toBe(first.length + 1 - codes.length)
    expect(session.state).toBe('open')
  })

  it('refuses a body whose next piece would be over it, and takes others', async () => {
    const { peer, time, session } = await openProbe('server', {
      limits: {
        ...limits,
        bodyBytesMax: 256 * KiB,
        bodiesPartialBytesMax: 2048 * KiB,
        sessionMemoryBytesMax: 200 * KiB,
      },
    })
    peer.send(call(1, 60 * KiB, true))
    for (let piece = 0; piece < 3; piece += 1)
      peer.send({ kind: 'more', callId: 1, body: rawBody(60 * KiB), goesOn: true })
    await time.settle()
    expect(peer.all('failure')).toMatchObject([
      { callId: 1, code: 'RESOURCE_EXHAUSTED', retryAfterMs: 1_000 },
    ])
    expect(session.stats().memory.partialBytes).toBe(0)
    peer.send(call(3, 10 * KiB))
    await time.settle()
    expect(peer.all('failure')).toHaveLength(1)
  })
})

describe('a text of brackets', () => {
  it('counts with what it takes when it is decoded, within a factor of three', () => {
    const shapes = {
      arrays: `[${'[],'.repeat(100_000)}1]`,
      objects: `[${'{},'.repeat(100_000)}1]`,
      texts: JSON.stringify(Array.from({ length: 200_000 }, (_, at) => `a${at}`)),
      members: JSON.stringify(Object.fromEntries(Array.from({ length: 50_000 }, (_, at) => [`k${at}`, at]))),
    }
    const kept: unknown[] = []
    for (const [shape, text] of Object.entries(shapes)) {
      const body = json(text)
      const before = heapAfterCollection()
      kept.push(JSON.parse(new TextDecoder().decode(body.bytes)))
      const taken = heapAfterCollection() - before
      expect([shape, callSize(body) / taken > 1 / 3, callSize(body) / taken < 3]).toEqual([shape, true, true])
    }
    expect(kept).toHaveLength(4)
  })

  it('of letters counts with its length', () => {
    expect(callSize(json(JSON.stringify('x'.repeat(300_000)))) / 300_000).toBeLessThan(1.1)
  })
})

describe('the memory of all sessions of a server', () => {
  async function servers(memoryBytesMax: number, shares: readonly (string | undefined)[]) {
    const { time } = network()
    const host = createSessionHost({ environment: time, turnMs: 10, memoryBytesMax })
    const made = []
    for (const share of shares) {
      const pair = network()
      const options = { host: { ...host, share: () => share } }
      const side = openSide('server', time, pair.a, options)
      const peer = new RawPeer(pair.b)
      peer.send(hello)
      made.push({ ...side, peer })
    }
    await time.settle()
    return { time, host, sides: made }
  }

  it('when it is nearly used up, refuses calls of those that hold much, with a hint when to come back', async () => {
    const { time, host, sides } = await servers(1024 * KiB, [undefined, undefined])
    const [first, second] = sides
    first?.peer.send(call(1, 450 * KiB), call(3, 450 * KiB))
    await time.settle()
    expect(host.memory.isTight).toBe(true)
    // One that would hold more than 64 KiB is refused, and one that holds hardly anything is served.
    second?.peer.send(call(1, 60 * KiB), call(3, 10), call(5, 10))
    await time.settle()
    expect(second?.peer.all('failure')).toMatchObject([
      { callId: 1, code: 'RESOURCE_EXHAUSTED', retryAfterMs: 1_000 },
    ])
    expect(second?.recorder.calls.map(({ id }) => id)).toEqual([3, 5])
    for (const incoming of first?.recorder.calls ?? []) incoming.respond(value(1))
    second?.peer.send(call(7, 60 * KiB))
    await time.settle()
    expect(second?.recorder.calls).toHaveLength(3)
  })

  it('when it is nearly used up, serves a session that comes to 64 KiB, and none that comes to a byte more', async () => {
    const { time, host, sides } = await servers(1024 * KiB, [undefined, undefined])
    const [first, second] = sides
    first?.peer.send(call(1, 450 * KiB), call(3, 450 * KiB))
    await time.settle()
    expect(host.memory.isTight).toBe(true)
    const heldBytes = () => second!.session.stats().memory.totalBytes
    const before = heldBytes()
    second?.peer.send(call(1, 1_000))
    await time.settle()
    // What a call is counted with beside its body.
    const besideBytes = heldBytes() - before - 1_000
    const exactly = 64 * KiB - heldBytes() - besideBytes
    second?.peer.send(call(3, exactly + 1), call(5, exactly))
    await time.settle()
    expect(second?.recorder.calls.map(({ id }) => id)).toEqual([1, 5])
    expect(heldBytes()).toBe(64 * KiB)
  })

  it('when what was reported has gone, takes calls again, whoever asks first', async () => {
    const { time, host, sides } = await servers(1024 * KiB, [undefined, undefined])
    const [first, second] = sides
    // Two whole frames in one chunk are held for a moment, and reported.
    first?.peer.send(call(1, 490 * KiB), call(3, 490 * KiB))
    await time.settle()
    expect(host.memory.bytes).toBeGreaterThan(896 * KiB)
    for (const incoming of first?.recorder.calls ?? []) incoming.respond(value(1))
    await time.advance(100)
    second?.peer.send(call(1, 60 * KiB))
    await time.settle()
    expect(second?.recorder.calls).toHaveLength(1)
    expect(host.memory.bytes).toBeLessThan(200 * KiB)
  })

  it('when it is used up, ends the largest of the share that holds most, with OVERLOADED and a wait', async () => {
    const { time, host, sides } = await servers(1024 * KiB, ['many', 'many', 'many', 'many', 'one'])
    const halfFrame = (bytes: number) => {
      const frame = new Uint8Array(4 + bytes)
      frame[1] = 15
      return frame
    }
    // The room for a frame doubles: 256 KiB each. The one holds as much as any of the many, and less than all of them.
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

  it('is back at nothing when all are gone', async () => {
    const { time, host, sides } = await servers(1024 * KiB, [undefined, undefined, undefined])
    for (const { peer } of sides) peer.send(call(1, 100 * KiB), call(3, 50 * KiB, true))
    await time.settle()
    expect(host.memory.bytes).toBeGreaterThan(300 * KiB)
    for (const { session } of sides) session.abort({ code: 'ABORTED', message: 'enough' })
    await time.advance(5_000)
    expect(host.memory.bytes).toBe(0)
  })
})

describe('MemoryLedger', () => {
  const holder = (heldBytes: number, share?: string) => ({
    heldBytes,
    share,
    gone: 0,
    giveUp() {
      this.gone += 1
    },
    look() {},
  })
  const settled = () => new Promise((resolve) => setImmediate(resolve))

  it('asks before it believes: what was reported and is no longer held ends nobody', async () => {
    const ledger = new MemoryLedger(1_000, () => 0)
    const one = holder(100)
    ledger.add(one)
    ledger.report(2_000)
    await settled()
    expect([one.gone, ledger.gaveUp]).toEqual([0, 0])
  })

  it.each([
    ['at the budget', 1_000, 0],
    ['one over', 1_001, 1],
  ])('%s', async (_, bytes, gone) => {
    const ledger = new MemoryLedger(1_000, () => 0)
    const one = holder(bytes)
    ledger.add(one)
    ledger.report(bytes)
    await settled()
    expect(one.gone).toBe(gone)
  })

  it('tells nobody twice to give up, and no other while what that one holds is about to be free', async () => {
    const ledger = new MemoryLedger(1_000, () => 0)
    const holders = [holder(800), holder(600)]
    for (const one of holders) {
      ledger.add(one)
      ledger.report(one.heldBytes)
    }
    await settled()
    ledger.report(1)
    await settled()
    expect([holders.map(({ gone }) => gone), ledger.gaveUp]).toEqual([[1, 0], 1])
  })

  it('asks all for what they hold, while it is tight, each 100 ms and not more often', () => {
    let nowMs = 0
    let looks = 0
    const ledger = new MemoryLedger(1_000, () => nowMs)
    ledger.add({ ...holder(0), look: () => void looks++ })
    ledger.report(875)
    expect([ledger.isTight, looks]).toEqual([false, 0])
    ledger.report(1)
    expect([ledger.isTight, ledger.isTight, looks]).toEqual([true, true, 1])
    nowMs = 99
    expect([ledger.isTight, looks]).toEqual([true, 1])
    nowMs = 100
    expect([ledger.isTight, looks]).toEqual([true, 2])
  })

  it('gives up no more than it has to', async () => {
    const ledger = new MemoryLedger(1_000, () => 0)
    const holders = [holder(300), holder(400), holder(350)]
    for (const one of holders) {
      ledger.add(one)
      ledger.report(one.heldBytes)
    }
    await settled()
    expect(holders.map(({ gone }) => gone)).toEqual([0, 1, 0])
  })
})
