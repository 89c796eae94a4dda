import type { SessionEnvironment } from '@frameport/protocol/session'
import type { EventLog } from '@frameport/server'
import type { SimNetwork } from '@frameport/testing'
import { Draw } from '../support/draw.ts'
import { Model } from './model/model.ts'
import type { Act, Entry, Outcome } from './model/trace.ts'
import type { Plan } from './plan.ts'

/** What all parts of one run share. */
export class Run {
  readonly seed: number
  readonly draw: Draw
  readonly plan: Plan
  readonly network: SimNetwork
  readonly model: Model
  readonly trace: Entry[] = []
  /** What this test itself did wrong. */
  defect: unknown
  /** Faults have stopped: handlers and readers come to their ends. */
  isCalm = false
  /** Nobody connects again. */
  isEnding = false
  /** Calls whose callers do not wait any more: their handlers have to be told, and do not end before. */
  readonly givenUp = new Set<number>()
  /** Calls of the probe at the end: their handlers wait for each other. */
  readonly probes = new Map<number, Barrier>()
  /** By server host, or one for all of them: it outlives the processes. */
  readonly logs = new Map<string, EventLog>()
  #number = 0

  constructor(seed: number, draw: Draw, plan: Plan, network: SimNetwork) {
    this.seed = seed
    this.draw = draw
    this.plan = plan
    this.network = network
    this.model = new Model(plan.facts)
  }

  /** A number for a call, a link, a server, an event or a result: none comes twice. */
  next(): number {
    this.#number += 1
    return this.#number
  }

  /** What one call does: it does not depend on what happened before in other places. */
  drawFor(part: 'caller' | 'handler', call: number): Draw {
    return new Draw(
      Math.imul(this.seed, 0x2c1b3c6d) ^ Math.imul(call, part === 'caller' ? 0x297a2d39 : 0x3d4d51cb),
    )
  }

  see(host: string, act: Act): void {
    const entry: Entry = { atMs: this.network.clock.nowMs(), host, ...act }
    this.trace.push(entry)
    this.model.see(entry)
  }

  settled(host: string, call: number, outcome: Outcome): void {
    if (outcome.how === 'failure' || outcome.how === 'left') this.givenUp.add(call)
    this.see(host, { what: 'settled', call, outcome })
  }

  get failure(): unknown {
    return this.model.violation ?? this.defect
  }

  /** Keeps what a part of this test throws. */
  guard(work: Promise<unknown>): void {
    work.catch((error: unknown) => {
      this.defect ??= error
    })
  }
}

/** The process of a host, as a part of this test sees it. */
export interface Process {
  readonly run: Run
  readonly host: string
  /** Of the process: nothing of it runs once that was killed, and later while it is suspended. */
  readonly environment: SessionEnvironment
  /** Each is called once, when a connection of the process is lost. A server has none: it hears of that much later. */
  readonly whenLost?: Set<() => void>
}

/** Settles later on the clock of the process; soon once faults have stopped. Never in a process that was killed. */
export function pause({ run, environment }: Process, ms: number): Promise<void> {
  return new Promise((resolve) => {
    environment.setTimer(run.isCalm ? Math.min(ms, 20) : ms, resolve)
  })
}

/** Opens when all that it waits for have come. */
export class Barrier {
  readonly opened: Promise<void>
  #left: number
  #open!: () => void

  constructor(count: number) {
    this.#left = count
    this.opened = new Promise((resolve) => {
      this.#open = resolve
    })
  }

  get isOpen(): boolean {
    return this.#left <= 0
  }

  arrive(): void {
    this.#left -= 1
    if (this.isOpen) this.#open()
  }
}
