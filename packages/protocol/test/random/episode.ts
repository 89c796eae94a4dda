import { attachFrames, type FrameChannel } from '@frameport/framing'
import { createMemoryChannels, createMemoryPair, createVirtualClock } from '@frameport/testing'
import { Draw } from '../../../../tests/support/draw.ts'
import type { Handler } from './handler.ts'
import { otherRole, type Role, wantsItems } from './model/trace.ts'
import { Violation } from './model/world.ts'
import { type Act, drawPlan, type Layer } from './plan.ts'
import { probe } from './probe.ts'
import { Run } from './run.ts'
import { Side } from './side.ts'

const roles: readonly Role[] = ['client', 'server']

/** The result of one seed over one layer. */
export interface Outcome {
  /** The rule that was broken, or undefined. */
  readonly rule: string | undefined
  /** What happened, one line each. The last line explains the failure. */
  readonly lines: readonly string[]
  /** How often each entry of the trace occurred, so that a test can check that enough happened. */
  readonly counts: Readonly<Record<string, number>>
}

/** The network between two sides. */
interface Network {
  readonly channels: Readonly<Record<Role, FrameChannel>>
  cut(role: Role): void
  /** Ends the stream of this side without a goaway. */
  end(role: Role): void
  leftOvers(): readonly string[]
}

/** Runs the sessions of a seed from start to end. */
export async function runSeed(seed: number, layer: Layer): Promise<Outcome> {
  const draw = new Draw(seed)
  const plan = drawPlan(draw)
  const clock = createVirtualClock({ seed })
  const run = new Run(draw, plan, clock)
  const network = openNetwork(layer, { ...plan.network, clock })
  const episode = new Episode(run, network)
  try {
    await episode.play()
  } catch (error) {
    run.defect ??= error
  }
  return outcomeOf(run)
}

class Episode {
  readonly #run: Run
  readonly #network: Network
  readonly #sides: Readonly<Record<Role, Side>>

  constructor(run: Run, network: Network) {
    this.#run = run
    this.#network = network
    this.#sides = { client: new Side(run, 'client'), server: new Side(run, 'server') }
  }

  async play(): Promise<void> {
    const { draw, plan } = this.#run
    for (let step = 0; step < plan.steps && !this.#isDone; step++) {
      for (const role of roles) if (plan.attachAt[role] === step) this.#attach(role)
      const acts = draw.int(0, 4)
      for (let act = 0; act < acts; act++) await this.#act(draw.weighted(plan.acts))
      await this.#pass(draw.pick([0, 0, 1, 5, 20, 100]))
    }
    await this.#calm()
    // Events and one-way calls may still be in flight.
    if (this.#areOpen) await this.#pass(5_000)
    await this.#calm()
    if (this.#run.failure === undefined && this.#areOpen) {
      for (const role of roles) this.#run.see(role, { what: 'rest', held: this.#sides[role].held })
      await probe(this.#run, this.#sides, (ms) => this.#pass(ms))
      await this.#calm()
    }
    await this.#close()
  }

  get #isDone(): boolean {
    return this.#run.failure !== undefined || roles.every((role) => this.#sides[role].isClosed)
  }

  get #areOpen(): boolean {
    return roles.every((role) => this.#sides[role].session.state === 'open')
  }

  #attach(role: Role): void {
    if (this.#sides[role].channel === undefined) this.#sides[role].attach(this.#network.channels[role])
  }

  async #act(act: Act): Promise<void> {
    const { draw, plan } = this.#run
    const side = this.#sides[draw.pick(roles)]
    const { unsettled, running, handlers } = side
    switch (act) {
      case 'call':
        return side.drawCall()
      case 'cancel':
        return unsettled.length > 0 ? side.cancel(draw.pick(unsettled)) : undefined
      case 'grant': {
        const streams = unsettled.filter(({ kind }) => wantsItems(kind))
        return streams.length > 0 ? side.grant(draw.pick(streams)) : undefined
      }
      case 'answer':
        if (running.length > 0)
          for (const one of draw.chance(0.3) ? running : [draw.pick(running)]) one.answer()
        return undefined
      case 'item':
        return this.#pickForItem(running)?.sendItem()
      case 'upload': {
        const uploads = (draw.chance(0.9) ? unsettled : side.made).filter(({ uploader }) => uploader)
        return uploads.length > 0 ? side.upload(draw.pick(uploads)) : undefined
      }
      case 'read': {
        const readers = (draw.chance(0.9) ? running : handlers).flatMap(({ reader }) => reader ?? [])
        return readers.length > 0 ? draw.pick(readers).act() : undefined
      }
      case 'late': {
        if (draw.chance(0.5)) return this.#pickForItem(handlers)?.sendItem()
        return handlers.length > 0 ? draw.pick(handlers).answer() : undefined
      }
      case 'emit':
        return side.emit()
      case 'slow':
      case 'quick':
        if (side.channel !== undefined) side.channel.isSlow = act === 'slow'
        return undefined
      case 'announceEnd':
        return side.session.announceEnd(draw.chance(0.5) ? { retryAfterMs: draw.int(0, 5_000) } : {})
      case 'close':
        return side.close(draw.pick([undefined, 0, 50, Number.POSITIVE_INFINITY]))
      case 'abort':
        return side.abort()
      case 'cut':
        this.#run.see(side.role, { what: 'cut' })
        return draw.chance(0.7) ? this.#network.cut(side.role) : this.#network.end(side.role)
      case 'silence':
        if (plan.greeting === 'late') this.#sides.server.answerHello()
        return this.#pass(draw.int(500, 5_000))
    }
  }

  /** Picks a handler of a call that wants items, in most cases. */
  #pickForItem(handlers: readonly Handler[]): Handler | undefined {
    const { draw } = this.#run
    const streams = handlers.filter(({ isStream }) => isStream)
    const some = streams.length > 0 && draw.chance(0.9) ? streams : handlers
    return some.length > 0 ? draw.pick(some) : undefined
  }

  async #pass(ms: number): Promise<void> {
    await this.#run.clock.advance(ms)
    for (const role of roles) {
      const { session, handlers, made, held } = this.#sides[role]
      const { state, callsInFlight, queuedBytes } = session
      const { onewaysDropped } = session.stats()
      for (const { waitsForNothing, tag } of [...handlers, ...made.flatMap(({ uploader }) => uploader ?? [])])
        if (waitsForNothing) this.#run.see(role, { what: 'waitsForNothing', tag })
      this.#run.see(role, { what: 'quiet', state, callsInFlight, queuedBytes, onewaysDropped, held })
    }
  }

  /** Stops all faults: both sides read, handlers answer, and streams get credit. Then every call has to settle. */
  async #calm(): Promise<void> {
    this.#run.isCalm = true
    for (const role of roles) {
      this.#attach(role)
      this.#sides[role].channel!.isSlow = false
      this.#sides[role].answerHello()
    }
    for (let round = 0; round < 80 && this.#run.failure === undefined; round++) {
      for (const role of roles) {
        const { running, unsettled } = this.#sides[role]
        for (const handler of running) {
          // Uploads may end first.
          if (handler.isReading && round < 10) handler.reader?.goOn()
          else handler.answer()
        }
        for (const made of unsettled) {
          if (wantsItems(made.kind)) this.#sides[role].grant(made, { items: 5, bytes: 50_000 })
          if (round === 3) made.uploader?.end()
        }
      }
      await this.#pass(round < 20 ? 20 : 500)
      const isQuiet = roles.every((role) => {
        const { running, session } = this.#sides[role]
        return running.length === 0 && session.callsInFlight === 0
      })
      if (isQuiet && this.#run.model.unsettled === 0) return
    }
    if (this.#run.failure !== undefined) return
    throw new Violation('everything comes to its end', `${this.#run.model.unsettled} calls have not settled`)
  }

  async #close(): Promise<void> {
    const { draw } = this.#run
    const first = draw.pick(roles)
    if (!this.#isDone) this.#sides[first].close()
    if (!this.#isDone && draw.chance(0.5)) this.#sides[otherRole(first)].close()
    for (let round = 0; round < 100 && !this.#isDone; round++) await this.#pass(100)
    // Deliver what is still in the network.
    await this.#pass(1_000)
    for (const role of roles) {
      const { session, host } = this.#sides[role]
      const { callsInFlight, queuedBytes } = session
      this.#run.see(role, { what: 'over', callsInFlight, queuedBytes, reportedBytes: host.memory.bytes })
    }
    const left = [...this.#run.clock.leftOvers(), ...this.#network.leftOvers()]
    if (left.length > 0) throw new Violation('every budget is given back', left.join('; '))
  }
}

function openNetwork(layer: Layer, options: Parameters<typeof createMemoryPair>[0] & object): Network {
  if (layer === 'bytes') {
    const pair = createMemoryPair(options)
    return networkOf(pair, { client: attachFrames(pair.a), server: attachFrames(pair.b) })
  }
  const { chunking: _, ...rest } = options
  const pair = createMemoryChannels(rest)
  return networkOf(pair, { client: pair.a, server: pair.b })
}

function networkOf(
  { a, b, leftOvers }: Pick<ReturnType<typeof createMemoryPair>, 'leftOvers'> & Record<'a' | 'b', Ends>,
  channels: Record<Role, FrameChannel>,
): Network {
  const ends = { client: a, server: b }
  return {
    channels,
    cut: (role) => ends[role].abort(),
    end: (role) => ends[role].end(),
    leftOvers,
  }
}

interface Ends {
  abort(): void
  end(): void
}

function outcomeOf(run: Run): Outcome {
  const { failure, trace } = run
  const counts: Record<string, number> = {}
  for (const { what } of trace) counts[what] = (counts[what] ?? 0) + 1
  if (failure === undefined) return { rule: undefined, lines: [], counts }
  const rule = failure instanceof Violation ? failure.rule : 'the test itself failed'
  const text = failure instanceof Violation ? failure.message : String((failure as Error)?.stack ?? failure)
  const lines = trace.map(({ atMs, side, ...entry }) => `${atMs} ms ${side} ${JSON.stringify(entry)}`)
  return { rule, lines: [...lines, text], counts }
}
