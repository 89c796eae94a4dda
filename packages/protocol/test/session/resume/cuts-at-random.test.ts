import { describe, expect, it } from 'vitest'
import { Draw } from '../../../../../tests/support/draw.ts'
import type { IncomingCall, Session } from '../../../src/session/index.ts'
import { Resumable } from '../../support/resumable.ts'
import { type Outcome, startCall, value } from '../../support/sessions.ts'

interface Made {
  readonly outcome: Outcome
  readonly number: number
  readonly items: number
  readonly sent: number
}

/** Makes calls in both directions, with items and uploads, while the connection is cut again and again. */
class Run {
  readonly #draw
  readonly #world: Resumable
  readonly #made: Made[] = []
  readonly #ran = new Map<number, number>()
  readonly #uploaded = new Map<number, number[]>()

  constructor(seed: number) {
    this.#draw = new Draw(seed)
    const draw = this.#draw
    this.#world = new Resumable({
      seed,
      pair: {
        latencyMs: draw.pick([0, 1, 7]),
        windowBytes: draw.pick([100, 5_000, 65_536]),
        chunking: draw.pick(['as-sent', 'merged', { bytesMax: 1 + draw.int(0, 200), seed }] as const),
        highWatermarkBytes: draw.pick([1_000, 1_048_576]),
      },
      client: {
        resumeBytes: 65_536,
        resumeAckMs: draw.pick([1, 50, 1_000]),
        pieceBytes: draw.pick([1_000, 16_384]),
      },
      server: {
        resumeBytes: 65_536,
        resumeAckMs: draw.pick([1, 50, 1_000]),
        callsInFlightMax: draw.pick([2, 256]),
      },
    })
  }

  async play(): Promise<void> {
    const { time, client, clientSide } = this.#world
    clientSide.onCall = (call) => this.#handle(call)
    await this.#world.connect(client, (recorder) => {
      recorder.onCall = (call) => this.#handle(call)
    })
    for (let step = 0; step < 60; step += 1) {
      await this.#act()
      await time.advance(this.#draw.int(0, 9))
    }
    await this.#heal()
    await time.advance(20_000)
    this.#check()
    await Promise.all([client.close(), time.advance(60_000)])
    expect(client.state).toBe('closed')
    await time.advance(60_000)
    expect(this.#world.host.resumable.size).toBe(0)
    expect(time.timers).toEqual([])
    for (const { session } of this.#world.servers) expect(session.state).toBe('closed')
  }

  async #act(): Promise<void> {
    const { client } = this.#world
    const draw = this.#draw
    const what = draw.int(0, 9)
    if (what < 5) this.#call(client)
    else if (what < 7) this.#call(this.#world.server?.session)
    else if (what < 9 && client.state === 'open') {
      const pair = this.#world.pairs.at(-1)
      if (draw.chance(1 / 2)) pair?.a.abort()
      else pair?.b.abort()
    } else await this.#connect()
  }

  /** Connects once. A connection that is cut in its handshake is tried again by the next act. */
  async #connect(): Promise<void> {
    const { client } = this.#world
    await this.#world.time.settle()
    if (client.state !== 'detached') return
    // A link in its handshake has to be removed first.
    this.#world.pairs.at(-1)?.a.abort()
    await this.#world.time.settle()
    const { b } = this.#world.attach(client, (recorder) => {
      recorder.onCall = (call) => this.#handle(call)
    })
    await this.#world.time.advance(this.#draw.int(0, 40))
    if (this.#draw.chance(1 / 3)) b.abort()
  }

  /** Faults have stopped: connects the client for good. */
  async #heal(): Promise<void> {
    const { client, time } = this.#world
    for (let tries = 0; tries < 50; tries += 1) {
      await time.advance(50)
      if (client.state === 'open') return
      const pair = this.#world.pairs.at(-1)
      if (pair?.a.state !== 'open')
        await this.#world.connect(client, (recorder) => {
          recorder.onCall = (call) => this.#handle(call)
        })
    }
    expect(client.state).toBe('open')
  }

  #call(session: Session | undefined): void {
    if (session === undefined) return
    const draw = this.#draw
    const number = this.#made.length
    const items = draw.chance(1 / 3) ? 1 + draw.int(0, 12) : 0
    const sent = draw.chance(1 / 3) ? 1 + draw.int(0, 12) : 0
    const input = value({ number, items, filler: 'x'.repeat(draw.int(0, draw.chance(1 / 5) ? 30_000 : 200)) })
    const outcome = startCall(session, 'a/b', {
      input,
      ...(items > 0 ? { initialCredit: { items: 1_000, bytes: 2 ** 30 } } : {}),
      ...(sent > 0 ? { upload: true } : {}),
    })
    this.#made.push({ outcome, number, items, sent })
    if (sent > 0) void this.#upload(outcome, sent)
  }

  async #upload(outcome: Outcome, sent: number): Promise<void> {
    const upload = outcome.call.upload!
    for (let at = 0; at < sent; at += 1) {
      if (!(await upload.ready())) return
      upload.send(value(at))
    }
    upload.end()
  }

  #handle(call: IncomingCall): void {
    const { number, items } = (call.input as { value: { number: number; items: number } }).value
    this.#ran.set(number, (this.#ran.get(number) ?? 0) + 1)
    const uploaded: number[] = []
    this.#uploaded.set(number, uploaded)
    const answer = () => {
      const delayMs = this.#draw.int(0, 40)
      this.#world.time.setTimer(delayMs, () => void this.#answer(call, number, items))
    }
    if (call.upload === undefined) {
      answer()
      return
    }
    const { upload } = call
    upload.receive({
      item: (body) => {
        uploaded.push((body as { value: number }).value)
        upload.taken()
        upload.grant({ items: 1, bytes: 100 })
      },
      end: answer,
    })
  }

  async #answer(call: IncomingCall, number: number, items: number): Promise<void> {
    for (let at = 0; at < items; at += 1) {
      await call.ready()
      call.sendItem(value(at))
    }
    if (items > 0) call.end()
    else call.respond(value(number))
  }

  #check(): void {
    for (const { outcome, number, items, sent } of this.#made) {
      expect([number, outcome.code]).toEqual([number, 'OK'])
      expect(outcome.settlements).toHaveLength(1)
      expect(this.#ran.get(number)).toBe(1)
      if (items === 0) expect(outcome.value).toBe(number)
      expect(outcome.items).toEqual(Array.from({ length: items }, (_, at) => value(at)))
      expect(this.#uploaded.get(number)).toEqual(Array.from({ length: sent }, (_, at) => at))
    }
    expect(this.#world.clientSide.closes).toEqual([])
  }
}

describe('nothing is lost, repeated or out of order while connections are cut', () => {
  it.each(Array.from({ length: 60 }, (_, at) => at + 1))('with seed %d', async (seed) => {
    const run = new Run(seed)
    await run.play()
  })
})
