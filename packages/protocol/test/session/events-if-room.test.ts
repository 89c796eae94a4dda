import { describe, expect, it } from 'vitest'
import { type EventLedger, encodeEvent } from '../../src/session/index.ts'
import { openProbe, probe } from '../support/raw-peer.ts'
import { encoded, payload, readAll, seen, stalled } from '../support/stalled-peer.ts'

const position = (number: number) => ({ log: Uint8Array.of(1), number })

describe('an event that is emitted with emitIfRoom', () => {
  it('is sent or queued like any other', async () => {
    const opened = await openProbe('server')
    expect(opened.session.emitIfRoom(encoded('block', 1_000, 'a/b', '1 '))).toBe('sent')
    const full = await stalled({ slowSubscriberBytesMax: 2_000 })
    expect(full.session.emitIfRoom(encoded('block', 1_000, 'a/b', '1 '))).toBe('waiting')
    await readAll(full)
    expect(seen(full)).toEqual(['1 '])
  })

  it('leaves no gap when there is no room, and is sent when there is some', async () => {
    const full = await stalled({ slowSubscriberBytesMax: 2_000 })
    const emit = (first: string) => full.session.emitIfRoom(encoded('block', 1_000, 'a/b', first))
    expect(['1 ', '2 ', '3 '].map(emit)).toEqual(['waiting', 'waiting', undefined])
    const drained = full.session.eventsDrained()
    await readAll(full)
    expect([await drained, emit('3 ')]).toEqual([true, 'queued'])
    await full.time.settle()
    expect(seen(full)).toEqual(['1 ', '2 ', '3 '])
  })

  it('waits for room in the connection when the ledger allows no queue', async () => {
    const leftOut: number[] = []
    const ledger: EventLedger = {
      take: () => false,
      give() {},
      leftOut: (events) => void leftOut.push(events),
      slow() {},
    }
    const full = await stalled({}, ledger)
    const event = encodeEvent({ event: 'a/b', topic: '', body: payload(1_000, '1 ') }, { ledger })
    expect(full.session.emitIfRoom(event)).toBeUndefined()
    const outcomes: boolean[] = []
    void full.session.eventsDrained().then((isThere) => outcomes.push(isThere))
    await full.time.settle()
    expect([outcomes, leftOut]).toEqual([[], []])
    await readAll(full)
    expect([outcomes, full.session.emitIfRoom(event)]).toEqual([[true], 'queued'])
  })

  it('is not awaited when the session ends', async () => {
    const full = await stalled({ slowSubscriberBytesMax: 100 })
    expect(full.session.emitIfRoom(encoded('block'))).toBeUndefined()
    const drained = full.session.eventsDrained()
    full.session.abort({ code: 'ABORTED', message: 'the test ends it' })
    expect([await drained, full.session.emitIfRoom(encoded('block'))]).toEqual([false, 'closed'])
  })

  it('ends the session of a peer without room if the peer must not miss it', async () => {
    const full = await stalled({ slowSubscriberBytesMax: 100 })
    expect(full.session.emitIfRoom(encoded('disconnect'))).toBe('leftOut')
    await full.time.advance(10_000)
    expect(full.recorder.closes).toMatchObject([{ code: 'LIMIT_EXCEEDED' }])
  })

  it('is refused when it exceeds the limit of the peer', async () => {
    const opened = await openProbe('server', { peerLimits: { frameBytesMax: 4_096, bodyBytesMax: 100 } })
    expect(() => opened.session.emitIfRoom(encoded('block', 1_000))).toThrow(
      expect.objectContaining({ code: 'RESOURCE_EXHAUSTED' }),
    )
  })

  it('is not sent before the session is open', () => {
    expect(probe('server').session.emitIfRoom(encoded('block'))).toBe('closed')
  })
})

describe('dropped events with positions', () => {
  const numbered = (number: number, whenSlow: 'block' | 'dropOldest') =>
    encodeEvent(
      { event: 'a/b', topic: '', body: payload(900, `${number} `), position: position(number) },
      { whenSlow },
    )

  it.each<['block' | 'dropOldest', number]>([
    ['block', 4],
    ['dropOldest', 2],
  ])('leave a gap with the position of the last one (%s)', async (whenSlow, last) => {
    const full = await stalled({ slowSubscriberBytesMax: 2_000 })
    for (const number of [1, 2, 3, 4]) full.session.emit(numbered(number, whenSlow))
    await readAll(full)
    expect(full.peer.all('gap')).toMatchObject([{ events: 2, position: position(last) }])
  })
})
