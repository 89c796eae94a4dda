import { describe, expect, it } from 'vitest'
import type { Credit } from '../../src/envelope/index.ts'
import type { IncomingCall } from '../../src/session/index.ts'
import { credit, firstCall, openProbe, type Probe } from '../support/raw-peer.ts'
import { raw, value } from '../support/sessions.ts'
import { encoded } from '../support/stalled-peer.ts'

const KiB = 1024
const stepMs = 50
const streams = 'items of streams'

/** Sends items without a pause, as its credit and the connection allow. */
async function sendItems(call: IncomingCall): Promise<void> {
  for (;;) {
    while (!call.canSendItem) await call.ready()
    call.sendItem(raw(new Uint8Array(2 * KiB)))
  }
}

/** The handlers of all calls, by name. */
const handlers: Readonly<Record<string, (call: IncomingCall) => void>> = {
  'long answers': (call) => call.respond(raw(new Uint8Array(170 * KiB))),
  'answers of one piece': (call) => call.respond(raw(new Uint8Array(15 * KiB))),
  'short texts': (call) => call.respond(value('x'.repeat(1_000))),
  [streams]: (call) => void sendItems(call).catch(() => undefined),
}

/** A connection of 160 KiB/s after a queue of `queueBytes`, with a peer that keeps `calls` calls open. */
class BusyWay {
  readonly probe: Probe
  readonly #calls: number
  readonly #credit: { readonly credit?: Credit }
  #made = 0
  #seen = 0
  #ended = 0
  #events = 0
  #others = 0

  constructor(probe: Probe, { calls, handler }: { calls: number; handler: string }) {
    this.probe = probe
    this.#calls = calls
    this.#credit = handler === streams ? { credit: credit(1e6) } : {}
    probe.recorder.onCall = handlers[handler]!
  }

  static async open(
    queueBytes: number,
    { calls, handler, ...limits }: { calls: number; handler: string; [limit: string]: number | string },
  ): Promise<BusyWay> {
    const probe = await openProbe(
      'server',
      { limits: { heartbeatIntervalMs: 0, ...(limits as Record<string, number>) } },
      {
        windowBytes: 8 * KiB,
        latencyMs: 50,
        highWatermarkBytes: queueBytes,
        lowWatermarkBytes: queueBytes / 4,
      },
    )
    return new BusyWay(probe, { calls, handler })
  }

  /** @param step runs before each advance of the clock */
  async goOn(ms: number, step: () => void): Promise<void> {
    for (let leftMs = ms; leftMs > 0; leftMs -= stepMs) {
      for (; this.#made - this.#ended < this.#calls; this.#made++)
        this.probe.peer.send({ ...firstCall, callId: 1 + 2 * this.#made, ...this.#credit })
      step()
      await this.probe.time.advance(stepMs)
      this.#look()
    }
  }

  /** The bytes received since the last call of this method. */
  taken(): { readonly events: number; readonly others: number } {
    const taken = { events: this.#events, others: this.#others }
    this.#events = 0
    this.#others = 0
    return taken
  }

  #look(): void {
    const { received } = this.probe.peer
    for (; this.#seen < received.length; this.#seen++) {
      const envelope = received[this.#seen]!
      if (!('body' in envelope)) continue
      if (envelope.kind === 'event') this.#events += envelope.body.bytes.length
      else this.#others += envelope.body.bytes.length
      if (envelope.kind !== 'result' && envelope.kind !== 'more') continue
      if (envelope.goesOn !== true) this.#ended += 1
    }
  }
}

describe.each([
  ['long answers', 16],
  ['long answers', 64],
  ['long answers', 1024],
  ['answers of one piece', 16],
  ['answers of one piece', 64],
  ['answers of one piece', 1024],
  ['short texts', 16],
  [streams, 16],
  [streams, 64],
  [streams, 1024],
])('events and %s, after a queue of %i KiB,', (handler, queue) => {
  it('have equal shares of a full connection', async () => {
    const way = await BusyWay.open(queue * KiB, { handler, calls: 100, slowSubscriberBytesMax: 2_000 * KiB })
    const { session, recorder } = way.probe
    const emit = () => {
      for (let at = 0; at < 3; at++) session.emit(encoded('dropOldest', 5_000))
    }
    await way.goOn(16_000, emit)
    way.taken()
    await way.goOn(12_000, emit)
    const { events, others } = way.taken()
    expect(events / others).toBeGreaterThan(0.6)
    expect(events / others).toBeLessThan(1.6)
    expect(recorder.closes).toEqual([])
  })
})

describe('a peer that reads everything', () => {
  it.each([16, 64, 1024])(
    'is not slow because of answers before its events, after a queue of %i KiB',
    async (queue) => {
      const way = await BusyWay.open(queue * KiB, {
        handler: 'long answers',
        calls: 30,
        slowSubscriberMs: 3_000,
      })
      const { session, recorder } = way.probe
      await way.goOn(20_000, () => session.emit(encoded('block', 1_500)))
      expect(recorder.closes).toEqual([])
      expect(way.taken().events).toBeGreaterThan(100_000)
    },
  )

  it('is slow when more events are queued than it reads in slowSubscriberMs', async () => {
    const way = await BusyWay.open(64 * KiB, { handler: 'long answers', calls: 30, slowSubscriberMs: 1_000 })
    const { session, recorder } = way.probe
    await way.goOn(10_000, () => {
      for (let at = 0; at < 3; at++) session.emit(encoded('block', 5_000))
    })
    expect(recorder.closes).toMatchObject([{ code: 'LIMIT_EXCEEDED' }])
  })

  it('is slow when it has read nothing for slowSubscriberMs', async () => {
    const way = await BusyWay.open(64 * KiB, { handler: 'long answers', calls: 30, slowSubscriberMs: 1_000 })
    const { session, recorder, peer } = way.probe
    const emit = () => session.emit(encoded('block', 1_500))
    await way.goOn(5_000, emit)
    peer.stream.pause()
    await way.goOn(900, emit)
    expect(recorder.closes).toEqual([])
    await way.goOn(900, emit)
    expect(session.state).not.toBe('open')
  })
})
