import { describe, expect, it } from 'vitest'
import { RpcError, type SlowPolicy } from '../../src/index.ts'
import { type EventLedger, encodeEvent } from '../../src/session/index.ts'
import { openProbe } from '../support/raw-peer.ts'
import { value } from '../support/sessions.ts'
import { encoded, event, readAll, seen, stalled } from '../support/stalled-peer.ts'

describe('an event that is encoded once', () => {
  it('is sent to any number of sessions as the same bytes', async () => {
    let encodings = 0
    const counted = { toJSON: () => ++encodings }
    const shared = encodeEvent({ event: 'a/b', topic: '{"room":1}', body: value(counted) })
    const probes = await Promise.all(Array.from({ length: 100 }, () => openProbe('server')))
    for (const { session } of probes) session.emit(shared)
    await Promise.all(probes.map(({ time }) => time.settle()))
    expect(encodings).toBe(1)
    for (const { peer } of probes)
      expect(peer.received).toMatchObject([{ kind: 'event', event: 'a/b', topic: '{"room":1}' }])
  })

  it('keeps its bytes when the source bytes change', async () => {
    const probe = await openProbe('server')
    const bytes = Uint8Array.of(1, 2, 3)
    const shared = encodeEvent({ event: 'a/b', topic: '', body: { kind: 'raw', bytes } })
    bytes.fill(9)
    probe.session.emit(shared)
    await probe.time.settle()
    expect(probe.peer.all('event')[0]?.body.bytes).toEqual(Uint8Array.of(1, 2, 3))
  })

  it('is refused before any session gets it when it cannot be encoded', () => {
    expect(() => encodeEvent({ event: 'a/b', topic: '', body: value(1n) })).toThrow(
      expect.objectContaining({ code: 'INVALID_ARGUMENT' }),
    )
  })

  it('is refused by a session when it exceeds the body or the frame of the peer, and may be replaced by a gap', async () => {
    const probe = await openProbe('server', { peerLimits: { frameBytesMax: 4_096, bodyBytesMax: 5_000 } })
    for (const length of [4_090, 5_001]) {
      const long = encodeEvent({ event: 'a/b', topic: 't', body: value('x'.repeat(length)) })
      expect(() => probe.session.emit(long)).toThrow(RpcError)
      probe.session.leaveOut(long)
    }
    await probe.time.settle()
    const gap = { kind: 'gap', event: 'a/b', topic: 't', events: 1 }
    expect(probe.peer.received).toEqual([gap, gap])
  })
})

describe('events for a peer that does not read', () => {
  it('wait by reference after a full connection, and are sent in order when the peer reads', async () => {
    const probe = await stalled()
    const verdicts = ['one', 'two', 'three'].map((first) => probe.session.emit(event('a/b', 1_000, first)))
    expect(verdicts).toEqual(['waiting', 'waiting', 'waiting'])
    expect(probe.session.eventBytesWaiting).toBe(3_000)
    expect(probe.session.queuedBytes).toBeLessThan(3_100)
    await readAll(probe)
    expect(seen(probe)).toEqual(['one', 'two', 'three'])
    // Until the timer of the frame deadline has fired.
    await probe.time.advance(30_000)
    expect([probe.session.eventBytesWaiting, probe.time.timers]).toEqual([0, []])
  })

  it('are awaited by eventsSent, which resolves with whether they were sent', async () => {
    const probe = await stalled()
    expect(await probe.session.eventsSent()).toBe(true)
    probe.session.emit(encoded('block'))
    const outcomes: boolean[] = []
    void probe.session.eventsSent().then((sent) => outcomes.push(sent))
    await probe.time.settle()
    expect(outcomes).toEqual([])
    await readAll(probe)
    expect(outcomes).toEqual([true])
    const other = await stalled()
    other.session.emit(encoded('block'))
    const lost = other.session.eventsSent()
    other.session.abort({ code: 'ABORTED', message: 'enough' })
    expect(await lost).toBe(false)
    expect(await other.session.eventsSent()).toBe(false)
  })

  it.each([
    ['at', 10, 0],
    ['one over', 11, 1],
    ['far over', 300, 290],
  ])(
    'are dropped with a gap over slowSubscriberBytesMax, and disconnect nobody: %s',
    async (_, count, left) => {
      const probe = await stalled({ slowSubscriberBytesMax: 10_000 })
      const verdicts = Array.from({ length: count }, (_, index) =>
        probe.session.emit(encoded('block', 1_000, 'a/b', `${index} `)),
      )
      expect(verdicts.filter((verdict) => verdict === 'leftOut')).toHaveLength(left)
      expect(probe.session.eventBytesWaiting).toBe(10_000)
      await probe.time.advance(1_000)
      expect(probe.recorder.closes).toEqual([])
      await readAll(probe)
      const ten = Array.from({ length: 10 }, (_, index) => `${index} `)
      expect(seen(probe)).toEqual(left === 0 ? ten : [...ten, left])
    },
  )

  it('count once in the ledger, however many sessions hold them, and are released', async () => {
    let bytes = 0
    let most = 0
    let leftOut = 0
    const ledger: EventLedger = {
      take(more) {
        if (bytes + more > 3_000) return false
        bytes += more
        most = Math.max(most, bytes)
        return true
      },
      give(less) {
        bytes -= less
      },
      leftOut(events) {
        leftOut += events
      },
      slow: () => undefined,
    }
    const probes = [await stalled({}, ledger), await stalled({}, ledger), await stalled({}, ledger)]
    for (const first of ['1 ', '2 ', '3 ', '4 ']) {
      const shared = encodeEvent(event('a/b', 1_000, first), { ledger })
      for (const { session } of probes) session.emit(shared)
    }
    expect([bytes, leftOut]).toEqual([3_000, 3])
    probes[0]!.session.abort({ code: 'ABORTED', message: 'enough' })
    expect(bytes).toBe(3_000)
    await readAll(probes[1]!)
    await readAll(probes[2]!)
    expect([bytes, most]).toEqual([0, 3_000])
    expect(seen(probes[1]!)).toEqual(['1 ', '2 ', '3 ', 1])
  })

  it.each([
    ['just below', 32_900, []],
    ['over', 33_100, [{ code: 'LIMIT_EXCEEDED' }]],
    ['far over', 200_000, [{ code: 'LIMIT_EXCEEDED' }]],
  ])('end the session when one waits for slowSubscriberMs and a tenth: %s', async (_, ms, closes) => {
    const probe = await stalled({ slowSubscriberMs: 30_000 })
    probe.session.emit(encoded('block'))
    await probe.time.advance(ms)
    await probe.time.advance(closes.length === 0 ? 0 : 10_000)
    expect(probe.recorder.closes).toMatchObject(closes)
    if (closes.length > 0)
      expect(probe.recorder.closes[0]?.message).toMatch(
        /does not read its events \(a\/b\).*slowSubscriberMs 30000/,
      )
  })

  it('end with a goaway that gives the reason, if the peer reads at last before the cut', async () => {
    const probe = await stalled({ slowSubscriberMs: 1_000 })
    probe.session.emit(encoded('block'))
    await probe.time.advance(1_100)
    await readAll(probe)
    expect(probe.peer.goawayCode).toBe('LIMIT_EXCEEDED')
    expect(seen(probe)).toEqual([])
    expect(probe.session.emit(encoded('block'))).toBe('closed')
    await probe.time.advance(5_000)
    expect(probe.time.timers).toEqual([])
  })

  it('do not end the session of a peer that goes on reading, however long there is a queue', async () => {
    const probe = await stalled({ slowSubscriberMs: 1_000 })
    for (let round = 0; round < 50; round++) {
      for (let index = 0; index < 3; index++) probe.session.emit(encoded('block'))
      await probe.time.advance(500)
      await readAll(probe)
      probe.peer.stream.pause()
    }
    expect(probe.recorder.closes).toEqual([])
  })

  it('are checked twice, so that a blocked event loop is not taken for a slow peer', async () => {
    const probe = await stalled({ slowSubscriberMs: 1_000 })
    probe.session.emit(encoded('block', 1_000, 'a/b', 'late'))
    await probe.time.advance(1_050)
    await readAll(probe)
    await probe.time.advance(10_000)
    expect([seen(probe), probe.recorder.closes]).toEqual([['late'], []])
  })

  it('are sent before an orderly end of this side', async () => {
    const probe = await stalled()
    for (const first of ['1 ', '2 ']) probe.session.emit(encoded('block', 1_000, 'a/b', first))
    void probe.session.close()
    await probe.time.advance(1_000)
    expect(probe.session.state).toBe('draining')
    await readAll(probe)
    expect(probe.session.state).toBe('closed')
    await probe.time.advance(5_000)
    expect(seen(probe)).toEqual(['1 ', '2 '])
    expect(probe.recorder.closes).toMatchObject([{ code: 'CLOSED' }])
  })

  it('do not delay an orderly end beyond its grace', async () => {
    const probe = await stalled()
    probe.session.emit(encoded('block'))
    void probe.session.close({ graceMs: 500 })
    await probe.time.advance(2_000)
    expect(probe.recorder.closes).toMatchObject([{ code: 'CLOSED' }])
    expect(probe.time.timers).toEqual([])
  })
})

describe('events that may be dropped', () => {
  it('make room for newer ones, oldest first, with one gap before the first that is left', async () => {
    const probe = await stalled({ slowSubscriberBytesMax: 3_000 })
    for (let index = 0; index < 10; index++)
      expect(probe.session.emit(encoded('dropOldest', 1_000, 'a/b', `${index} `))).toBe('waiting')
    await readAll(probe)
    expect(seen(probe)).toEqual([7, '7 ', '8 ', '9 '])
  })

  it('make room only for their own kind, and not for other events', async () => {
    const probe = await stalled({ slowSubscriberBytesMax: 3_000 })
    const emit = (policy: SlowPolicy, first: string) =>
      probe.session.emit(encoded(policy, 1_000, policy === 'block' ? 'a/b' : 'c/d', first))
    emit('block', 'kept 1 ')
    emit('dropOldest', 'old ')
    emit('block', 'kept 2 ')
    emit('dropOldest', 'new ')
    expect(emit('block', 'lost ')).toBe('leftOut')
    await readAll(probe)
    expect(seen(probe)).toEqual(['kept 1 ', 1, 'kept 2 ', 'new ', 1])
  })

  it('are dropped when they have waited too long, and disconnect nobody', async () => {
    const probe = await stalled({ slowSubscriberMs: 1_000 })
    for (let index = 0; index < 5; index++) {
      probe.session.emit(encoded('dropOldest', 1_000, 'a/b', `${index} `))
      await probe.time.advance(400)
    }
    await probe.time.advance(400)
    await readAll(probe)
    expect(probe.recorder.closes).toEqual([])
    const all = seen(probe)
    expect(all[0]).toBeGreaterThan(1)
    expect(all.at(-1)).toBe('4 ')
    expect((all[0] as number) + all.length - 1).toBe(5)
  })
})

describe('events that must not be missed', () => {
  it.each([
    ['at', 10, []],
    ['one over', 11, [{ code: 'LIMIT_EXCEEDED' }]],
    ['far over', 300, [{ code: 'LIMIT_EXCEEDED' }]],
  ])('disconnect the peer, after the turn, when there is no room: %s', async (_, count, closes) => {
    const probe = await stalled({ slowSubscriberBytesMax: 10_000 })
    for (let index = 0; index < count; index++) probe.session.emit(encoded('disconnect'))
    expect(probe.recorder.closes).toEqual([])
    expect(probe.session.state).toBe('open')
    await probe.time.advance(10_000)
    expect(probe.recorder.closes).toMatchObject(closes)
  })
})
