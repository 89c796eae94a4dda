import type { VirtualClock } from '@frameport/testing'
import type { Draw } from '../../../../tests/support/draw.ts'
import { Model } from './model/model.ts'
import type { Asked, Entry, Role, Seen, Told } from './model/trace.ts'
import type { Plan } from './plan.ts'

/** What both sides of one run share. */
export class Run {
  readonly draw: Draw
  readonly plan: Plan
  readonly clock: VirtualClock
  readonly model: Model
  readonly trace: Entry[] = []
  /** What this test itself did wrong. */
  defect: unknown
  /** Sides call no session from inside its callbacks any more, and handlers do what they should. */
  isCalm = false
  #number = 0

  constructor(draw: Draw, plan: Plan, clock: VirtualClock) {
    this.draw = draw
    this.plan = plan
    this.clock = clock
    this.model = new Model(plan.limits)
  }

  /** A number for a call, an event or a body: none comes twice. */
  next(): number {
    this.#number += 1
    return this.#number
  }

  see(side: Role, what: Asked | Told | Seen): void {
    const entry: Entry = { atMs: this.clock.nowMs(), side, ...what }
    this.trace.push(entry)
    this.model.see(entry)
  }

  get failure(): unknown {
    return this.model.violation ?? this.defect
  }
}
