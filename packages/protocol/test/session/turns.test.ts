import { describe, expect, it } from 'vitest'
import type { Envelope } from '../../src/envelope/index.ts'
import { createSessionHost } from '../../src/session/index.ts'
import { Loop } from '../support/loop.ts'
import { network } from '../support/network.ts'
import { credit, hello, noBody, openProbe, RawPeer, welcome } from '../support/raw-peer.ts'
import { openSide, Recorder, startCall, value } from '../support/sessions.ts'

const call = (callId: number, more: Partial<Extract<Envelope, { kind: 'call' }>> = {}): Envelope => ({
  kind: 'call',
  callId,
  procedure: 'a/b',
  upload: false,
  metadata: {},
  body: noBody,
  ...more,
})

/** A server whose calls take `callMs` of work each, and a peer after its handshake. */
async function busyServer(
  loop: Loop,
  callMs: number,
  host = createSessionHost({ ...hostOptions, environment: loop }),
) {
  const { a, b } = network({ chunking: 'merged' })
  const recorder = new Recorder()
  recorder.onCall = (incoming) => {
    loop.workedMs += callMs
    incoming.respond({ kind: 'none' })
  }
  const side = openSide('server', loop, a, { host }, recorder)
  const peer = new RawPeer(b)
  peer.send(hello)
  await loop.time.settle()
  return { ...side, peer }
}

const hostOptions = { turnMs: 10, memoryBytesMax: 2 ** 28 }

function calls(count: number, from = 1): Envelope[] {
  return Array.from({ length: count }, (_, index) => call(from + 2 * index))
}

describe('envelopes that come faster than they can be handled', () => {
  it('are handled for sessionTurnMs per turn, and the rest in later turns, in order', async () => {
    const loop = new Loop()
    const { peer, recorder, session } = await busyServer(loop, 0.1)
    peer.send(...calls(250))
    await loop.time.settle()
    const inTurns = [recorder.calls.length]
    while (recorder.calls.length < 250 && inTurns.length < 50) {
      await loop.turn()
      inTurns.push(recorder.calls.length)
    }
    // The first 32 steps are not measured. The 4 ms after them are 40 calls.
    expect(inTurns[0]).toBeGreaterThan(32)
    expect(inTurns[0]).toBeLessThan(32 + 45)
    expect(inTurns.length).toBeGreaterThan(2)
    expect(recorder.calls.map(({ id }) => id)).toEqual(Array.from({ length: 250 }, (_, at) => 1 + 2 * at))
    expect(session.stats().turnsUsedUp).toBeGreaterThan(1)
  })

  it('take no extra turn and do not read the clock while they are few', async () => {
    const loop = new Loop()
    const { peer, session } = await busyServer(loop, 0)
    peer.send(...calls(25))
    await loop.time.settle()
    expect([loop.turnsAsked, session.stats().turnsUsedUp]).toEqual([0, 0])
  })

  it('are also limited by number, for a clock that stands still', async () => {
    const { peer, time, recorder, session } = await openProbe('server', {
      limits: { sessionTurnStepsMax: 3_300 },
    })
    recorder.onCall = (incoming) => incoming.respond({ kind: 'none' })
    peer.send(...calls(250))
    await time.settle()
    expect(recorder.calls.length).toBe(250)
    expect(session.stats().turnsUsedUp).toBe(2)
  })

  it('do not keep a session from closing, and leave no turn or timer', async () => {
    const loop = new Loop()
    const { peer, recorder, session, stream } = await busyServer(loop, 1)
    peer.send(...calls(200))
    await loop.time.settle()
    expect(stream.isPaused).toBe(true)
    session.abort({ code: 'ABORTED', message: 'enough' })
    await loop.turn()
    await loop.turn()
    expect([recorder.closes.length, loop.turnsAsked, loop.time.timers]).toEqual([1, 0, []])
  })

  it('are dropped with their session, which no longer waits for a turn', async () => {
    const loop = new Loop()
    const host = createSessionHost({ ...hostOptions, environment: loop })
    const { peer, session, recorder } = await busyServer(loop, 0.1, host)
    peer.send(...calls(250))
    await loop.time.settle()
    expect(host.turns.waiting).toBe(1)
    session.abort({ code: 'ABORTED', message: 'enough' })
    await loop.time.settle()
    expect(host.turns.waiting).toBe(0)
    const handled = recorder.calls.length
    for (let turn = 0; turn < 5; turn += 1) await loop.turn()
    expect([recorder.calls.length, host.turns.waiting]).toEqual([handled, 0])
  })

  it('of unknown kinds also count', async () => {
    const loop = new Loop()
    const { peer, session } = await busyServer(loop, 0)
    loop.workedMs += 1
    for (let at = 0; at < 10_000; at += 1) peer.sendFrame(Uint8Array.of(0xca, 1, 2, 3))
    await loop.time.settle()
    for (let at = 0; at < 5 && session.stats().turnsUsedUp === 0; at += 1) await loop.turn()
    expect(session.stats().turnsUsedUp).toBeGreaterThan(0)
  })
})

describe('sessions of one server', () => {
  it('share turnMs of each turn, and progress at similar speed', async () => {
    const loop = new Loop()
    const host = createSessionHost({ environment: loop, ...hostOptions })
    const servers: Awaited<ReturnType<typeof busyServer>>[] = []
    for (let at = 0; at < 6; at += 1) servers.push(await busyServer(loop, 0.5, host))
    for (const { peer } of servers) peer.send(...calls(120))
    await loop.time.settle()
    const done = () => servers.map(({ recorder }) => recorder.calls.length)
    let turns = 0
    const least: number[] = []
    while (done().some((count) => count < 120) && turns < 200) {
      const before = loop.workedMs
      await loop.turn()
      turns += 1
      expect(loop.workedMs - before).toBeLessThan(10 + 4)
      least.push(Math.max(...done()) - Math.min(...done()))
    }
    expect(done()).toEqual([120, 120, 120, 120, 120, 120])
    // A session is ahead of another by at most what it does in its turns while the other waits for one.
    expect(Math.max(...least)).toBeLessThan(60)
  })
})

describe('a stream with unlimited credit', () => {
  it('sends only for its share of each turn, however fast its producer and its reader are', async () => {
    const loop = new Loop()
    const { peer, recorder } = await busyServer(loop, 0)
    let produced = 0
    recorder.onCall = (incoming) => {
      const produce = async () => {
        while (produced < 2_000) {
          if (!incoming.canSendItem) await incoming.ready()
          loop.workedMs += 0.05
          produced += 1
          incoming.sendItem(value(produced))
          await null
        }
        incoming.end()
      }
      void produce()
    }
    peer.send(call(1, { credit: { items: Number.MAX_SAFE_INTEGER, bytes: Number.MAX_SAFE_INTEGER } }))
    await loop.time.settle()
    expect(produced).toBeLessThan(64 + 90)
    let turns = 0
    for (; produced < 2_000 && turns < 100; turns += 1) await loop.turn()
    expect(turns).toBeGreaterThan(10)
    await loop.turn()
    expect(peer.all('item').map(({ sequence }) => sequence)).toEqual(
      Array.from({ length: 2_000 }, (_, at) => at),
    )
  })

  it('leaves the same share to another stream of the session', async () => {
    const loop = new Loop()
    const { peer, recorder } = await busyServer(loop, 0)
    const produced = [0, 0]
    recorder.onCall = (incoming) => {
      const at = (incoming.id - 1) / 2
      const produce = async () => {
        for (;;) {
          if (!incoming.canSendItem) await incoming.ready()
          loop.workedMs += 0.05
          produced[at] = (produced[at] ?? 0) + 1
          incoming.sendItem(value(0))
          await null
        }
      }
      produce().catch(() => undefined)
    }
    peer.send(call(1, { credit: credit(2 ** 40) }), call(3, { credit: credit(2 ** 40) }))
    await loop.time.settle()
    for (let turns = 0; turns < 20; turns += 1) await loop.turn()
    const [first = 0, second = 0] = produced
    expect(Math.min(first, second) / Math.max(first, second)).toBeGreaterThan(0.8)
    peer.stream.abort()
    await loop.turn()
  })
})

describe('a long body', () => {
  it('is sent in several turns, so that it delays nobody', async () => {
    const limits = { sessionTurnStepsMax: 200, frameBytesMax: 2 ** 20 }
    const pair = { windowBytes: 2 ** 24, highWatermarkBytes: 2 ** 24, lowWatermarkBytes: 2 ** 20 }
    const { peer, time, recorder, session } = await openProbe('server', { limits }, pair)
    recorder.onCall = (incoming) => incoming.respond({ kind: 'raw', bytes: new Uint8Array(1_000_000) })
    peer.send(call(1))
    await time.settle()
    const pieces = [...peer.all('result'), ...peer.all('more')]
    expect(pieces.reduce((bytes, { body }) => bytes + body.bytes.length, 0)).toBe(1_000_000)
    expect(session.stats().turnsUsedUp).toBeGreaterThan(1)
  })
})

describe('a client', () => {
  it('leaves time for its timers when a server sends without a pause', async () => {
    const { peer, time, session } = await openProbe('client', { limits: { sessionTurnStepsMax: 1_000 } })
    const outcome = startCall(session, 'a/b', { initialCredit: credit(10_000) })
    await time.settle()
    for (let sequence = 0; sequence < 5_000; sequence += 1)
      peer.send({ kind: 'item', callId: 1, sequence, body: noBody })
    await time.settle()
    expect([outcome.items.length, session.stats().turnsUsedUp]).toEqual([5_000, 3])
  })

  it('shares 5 ms per turn with the other clients of its process', async () => {
    const loop = new Loop()
    const made = await Promise.all(
      Array.from({ length: 8 }, async () => {
        const { a, b } = network({ chunking: 'merged' })
        const { session } = openSide('client', loop, a, {}, new Recorder())
        const peer = new RawPeer(b)
        await loop.time.settle()
        peer.send(welcome)
        await loop.time.settle()
        let items = 0
        const item = () => {
          items += 1
          loop.workedMs += 0.1
        }
        session.call(
          { procedure: 'a/b', input: { kind: 'none' }, initialCredit: credit(10_000) },
          { item, settled: () => undefined },
        )
        await loop.time.settle()
        return { peer, items: () => items }
      }),
    )
    for (const { peer } of made)
      for (let sequence = 0; sequence < 300; sequence += 1)
        peer.send({ kind: 'item', callId: 1, sequence, body: noBody })
    await loop.time.settle()
    const longest: number[] = []
    for (let turn = 0; turn < 200 && made.some(({ items }) => items() < 300); turn += 1) {
      const before = loop.workedMs
      await loop.turn()
      longest.push(loop.workedMs - before)
    }
    expect(made.map(({ items }) => items())).toEqual(made.map(() => 300))
    expect(Math.max(...longest)).toBeLessThan(5 + 2)
  })
})
