import { describe, expect, it } from 'vitest'
import { firstCall, openProbe, type Probe, probe } from '../support/raw-peer.ts'
import { raw, value } from '../support/sessions.ts'
import { encoded, payload, readAll, seen, stalled } from '../support/stalled-peer.ts'

const KiB = 1024

/** Drops an event of each of `topics` topics, so that a gap for each is queued. */
function leaveGaps({ session }: Probe, topics: number): void {
  for (let topic = 0; topic < topics; topic += 1)
    session.emit({ event: 'a/gap', topic: `${topic}`, body: payload(1_100) })
}

describe('events that wait for a connection with a large queue', () => {
  /** The connection is full, and has room for everything that waits once its peer reads. */
  async function full() {
    const probe = await openProbe(
      'server',
      { limits: { slowSubscriberBytesMax: KiB * KiB, heartbeatIntervalMs: 0 } },
      { windowBytes: 1_000, highWatermarkBytes: 600 * KiB, lowWatermarkBytes: 50 * KiB },
    )
    probe.recorder.onCall = (call) => call.respond(raw(new Uint8Array(300 * KiB)))
    probe.peer.stream.pause()
    const filler = value('x'.repeat(700 * KiB))
    expect(probe.session.emit({ event: 'fill/er', topic: '', body: filler })).toBe('full')
    return probe
  }
  const numbered = (number: number) => encoded('block', 30 * KiB, 'a/b', `${number} `)
  const numbers = Array.from({ length: 10 }, (_, number) => number)

  it('are all sent, in order', async () => {
    const probe = await full()
    for (const number of numbers) expect(probe.session.emit(numbered(number))).toBe('waiting')
    await readAll(probe)
    expect(seen(probe)).toEqual(numbers.map((number) => `${number} `))
    expect(probe.session.eventBytesWaiting).toBe(0)
  })

  it('are sent in portions, so that other envelopes can be sent between them', async () => {
    const probe = await full()
    for (const number of numbers) probe.session.emit(numbered(number))
    probe.peer.send(firstCall)
    await readAll(probe)
    const kinds = probe.peer.kinds.slice(1)
    expect(kinds.slice(0, 4)).toEqual(['event', 'event', 'event', 'result'])
    expect(kinds.filter((kind) => kind === 'event')).toHaveLength(10)
  })
})

describe('a peer that accepts frames of 4,096 bytes', () => {
  it.each([
    ['of 4,096 bytes', 4_096, 'sent'],
    ['of 4,097 bytes', 4_097, 'RESOURCE_EXHAUSTED'],
  ])('is sent an event whose frame is %s, or not', async (_, frameBytes, outcome) => {
    const probe = await openProbe('server', { peerLimits: { frameBytesMax: 4_096, bodyBytesMax: 5_000 } })
    const emit = () => {
      try {
        return probe.session.emit(encoded('block', frameBytes + 256))
      } catch (error) {
        return (error as { readonly code: string }).code
      }
    }
    expect(emit()).toBe(outcome)
    await probe.time.settle()
    expect(probe.peer.all('event')).toHaveLength(outcome === 'sent' ? 1 : 0)
  })
})

describe('the queue for a peer that does not read', () => {
  it('drops old events until a long one has room', async () => {
    const probe = await stalled({ slowSubscriberBytesMax: 3_000 })
    for (const first of ['1 ', '2 ', '3 ']) probe.session.emit(encoded('dropOldest', 1_000, 'a/b', first))
    expect(probe.session.emit(encoded('dropOldest', 2_000, 'a/b', '4 '))).toBe('waiting')
    await readAll(probe)
    expect(seen(probe)).toEqual([2, '3 ', '4 '])
  })

  it('disconnects because of its gaps when there are too many, and they have waited longest', async () => {
    const probe = await stalled({ slowSubscriberBytesMax: 1_000, slowSubscriberMs: 1_000 })
    leaveGaps(probe, 100)
    await probe.time.advance(500)
    probe.session.emit(encoded('block', 900))
    await probe.time.advance(700)
    await probe.time.advance(10_000)
    expect(probe.recorder.closes).toMatchObject([
      { code: 'LIMIT_EXCEEDED', message: expect.stringContaining('too many gaps waited') },
    ])
  })

  it('disconnects because of its events when one of them has waited longest', async () => {
    const probe = await stalled({ slowSubscriberBytesMax: 1_000, slowSubscriberMs: 1_000 })
    probe.session.emit(encoded('block', 900))
    await probe.time.advance(500)
    leaveGaps(probe, 100)
    await probe.time.advance(700)
    expect(probe.session.state).toBe('closed')
    await probe.time.advance(10_000)
    expect(probe.recorder.closes).toMatchObject([
      { code: 'LIMIT_EXCEEDED', message: expect.stringContaining('one waited') },
    ])
  })

  it('is checked again in time when the oldest entries have been sent', async () => {
    const probe = await openProbe(
      'server',
      { limits: { heartbeatIntervalMs: 0, slowSubscriberMs: 1_000, slowSubscriberBytesMax: 100_000 } },
      { windowBytes: 100, highWatermarkBytes: 2_000, lowWatermarkBytes: 500, latencyMs: 10 },
    )
    await probe.time.advance(100)
    probe.session.emit({ event: 'fill/er', topic: '', body: value('x'.repeat(3_000)) })
    for (const first of ['1 ', '2 ']) probe.session.emit(encoded('block', 1_000, 'a/b', first))
    await probe.time.advance(200)
    expect(probe.session.eventBytesWaiting).toBe(2_000)
    for (let count = 0; count < 20; count += 1) probe.session.emit(encoded('block'))
    await probe.time.advance(700)
    probe.peer.stream.pause()
    await probe.time.advance(50)
    const waiting = probe.session.eventBytesWaiting
    expect([seen(probe).slice(0, 2), waiting > 0]).toEqual([['1 ', '2 '], true])
    await probe.time.advance(340)
    expect([probe.session.eventBytesWaiting, probe.session.state]).toEqual([waiting, 'open'])
    await probe.time.advance(20)
    expect(probe.session.state).toBe('closed')
  })
})

it.each(['client', 'server'] as const)(
  'a %s that is not open yet accepts no event and no gap',
  async (role) => {
    const { peer, time, session } = probe(role)
    const event = encoded('block')
    expect(session.emit(event)).toBe('closed')
    session.leaveOut(event)
    await time.settle()
    expect(peer.kinds).toEqual(role === 'client' ? ['hello'] : [])
  },
)
