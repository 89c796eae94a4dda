import type { SessionEnvironment } from '@frameport/protocol/session'
import type { EventLog } from '@frameport/server'
import type { SimNetwork } from '@frameport/testing'
import { Draw } from '../support/draw.ts'
import { Model } from './model/model.ts'
import type { Act, Entry, Outcome } from './model/trace.ts'
import type { Plan } from './plan.ts'

/** The state that all parts of one run share. */
export class Run {
  readonly seed: number
  readonly draw: Draw
  readonly plan: Plan
  readonly network: SimNetwork
  readonly model: Model
  readonly trace: Entry[] = []
  /** An error of this test itself. */
  defect: unknown
  /** Faults have stopped, and handlers and readers end. */
  isCalm = false
  /** Clients no longer reconnect. */
  isEnding = false
  /** Calls whose callers no longer wait. Their handlers must be aborted, and do not end before that. */
  readonly givenUp = new Set<number>()
  /** Calls of the final check, whose handlers wait for each other. */
  readonly probes = new Map<number, Barrier>()
  /** The log of each server host, or the shared log. It survives processes. */
  readonly logs = new Map<string, EventLog>()
  #number = 0

  constructor(seed: number, draw: Draw, plan: Plan, network: SimNetwork) {
    this.seed = seed
    this.draw = draw
    this.plan = plan
    this.network = network
    this.model = new Model(plan.facts)
  }

  /** A unique number for a call, a link, a server, an event or a result. */
  next(): number {
    this.#number += 1
    return this.#number
  }

  /** The random choices of one call, independent of what happened elsewhere before. */
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

  /** Records an error that a part of this test throws. */
  guard(work: Promise<unknown>): void {
    work.catch((error: unknown) => {
      this.defect ??= error
    })
  }
}

/** The process of a host. */
export interface Process {
  readonly run: Run
  readonly host: string
  /**
   * The environment of the process: its timers do not run after the process was killed, and run later if it is
   * suspended.
   */
  readonly environment: SessionEnvironment
  /**
   * Each function is called once, when a connection of the process is lost. A server has none, because it learns of
   * that much later.
   */
  readonly whenLost?: Set<() => void>
}

/** Settles later on the clock of the process, or soon after faults have stopped. Never settles in a killed process. */
export function pause({ run, environment }: Process, ms: number): Promise<void> {
  return new Promise((resolve) => {
    environment.setTimer(run.isCalm ? Math.min(ms, 20) : ms, resolve)
  })
}

/** Opens when everything that it waits for has arrived. */
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
