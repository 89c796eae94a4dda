import { describe, expect, it } from 'vitest'
import { type EventLedger, encodeEvent } from '../../src/session/index.ts'
import type { Probe } from '../support/raw-peer.ts'
import { connected, value } from '../support/sessions.ts'
import { encoded, payload, readAll, seen, stalled } from '../support/stalled-peer.ts'

describe('gaps', () => {
  it('are in the places of dropped events, one for each topic', async () => {
    const probe = await stalled({ slowSubscriberBytesMax: 2_000 })
    const emit = (topic: string, first: string) =>
      probe.session.emit({ event: 'a/b', topic, body: payload(900, first) })
    emit('x', 'x1 ')
    emit('y', 'y1 ')
    emit('x', 'x2 ')
    emit('y', 'y2 ')
    emit('x', 'x3 ')
    await readAll(probe)
    const gaps = probe.peer.all('gap')
    expect(gaps.map(({ topic, events }) => [topic, events])).toEqual([
      ['x', 2],
      ['y', 1],
    ])
    expect(probe.peer.kinds.slice(-4)).toEqual(['event', 'event', 'gap', 'gap'])
  })

  it('are passed to the handlers of the peer', async () => {
    const { time, client, server } = await connected()
    const gaps: unknown[] = []
    Object.assign(client.recorder, { eventGap: (gap: unknown) => void gaps.push(gap) })
    server.session.leaveOut(encodeEvent({ event: 'a/b', topic: '"t"', body: value(1) }))
    await time.settle()
    expect(gaps).toEqual([{ event: 'a/b', topic: '"t"', events: 1 }])
  })

  const manyTopics = ({ session }: Probe) => {
    for (let topic = 0; topic < 100; topic++)
      session.emit({ event: 'a/b', topic: `${topic}`, body: payload(1_100) })
  }

  it('over slowSubscriberBytesMax in a burst do not disconnect a peer that reads, and all arrive', async () => {
    const probe = await stalled({ slowSubscriberBytesMax: 1_000 })
    manyTopics(probe)
    await probe.time.advance(1_000)
    await readAll(probe)
    await probe.time.advance(60_000)
    expect(probe.peer.all('gap').map(({ topic }) => topic)).toEqual(
      Array.from({ length: 100 }, (_, at) => `${at}`),
    )
    expect([probe.recorder.closes, probe.session.state]).toEqual([[], 'open'])
  })

  it('over slowSubscriberBytesMax do not disconnect a peer that goes on reading, however many there are', async () => {
    const probe = await stalled({ slowSubscriberBytesMax: 1_000, slowSubscriberMs: 1_000 })
    for (let round = 0; round < 20; round++) {
      manyTopics(probe)
      await probe.time.advance(500)
      await readAll(probe)
      probe.peer.stream.pause()
    }
    expect(probe.recorder.closes).toEqual([])
  })

  it.each([
    ['just below', 32_900, []],
    ['over', 33_100, [{ code: 'LIMIT_EXCEEDED' }]],
  ])(
    'over slowSubscriberBytesMax disconnect a peer that reads nothing for slowSubscriberMs and a tenth: %s',
    async (_, ms, closes) => {
      let slow = 0
      const ledger: EventLedger = { take: () => true, give() {}, leftOut() {}, slow: () => void slow++ }
      const probe = await stalled({ slowSubscriberBytesMax: 1_000 })
      for (let topic = 0; topic < 100; topic++)
        probe.session.emit(encodeEvent({ event: 'a/b', topic: `${topic}`, body: payload(1_100) }, { ledger }))
      await probe.time.advance(ms)
      await probe.time.advance(closes.length === 0 ? 0 : 10_000)
      expect(probe.recorder.closes).toMatchObject(closes)
      expect(slow).toBe(closes.length)
      if (closes.length > 0)
        expect(probe.recorder.closes[0]?.message).toMatch(
          /too many gaps waited longer than slowSubscriberMs 30000/,
        )
    },
  )

  it('of one topic are merged when the events between them were dropped, and disconnect nobody', async () => {
    const probe = await stalled({ slowSubscriberBytesMax: 1_000, slowSubscriberMs: 1_000 })
    for (let round = 0; round < 5_000; round++) {
      probe.session.emit(encoded('dropOldest', 900))
      probe.session.emit(encoded('dropOldest', 1_100))
    }
    await probe.time.advance(5_000)
    probe.session.emit(encoded('dropOldest', 900, 'a/b', 'last '))
    await readAll(probe)
    expect(seen(probe)).toEqual([10_000, 'last '])
    expect(probe.recorder.closes).toEqual([])
  })
})
