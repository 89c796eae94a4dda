import type { VirtualClock } from '@frameport/testing'
import type { Draw } from '../../../../tests/support/draw.ts'
import { Model } from './model/model.ts'
import type { Asked, Entry, Role, Seen, Told } from './model/trace.ts'
import type { Plan } from './plan.ts'

/** The state that both sides of one run share. */
export class Run {
  readonly draw: Draw
  readonly plan: Plan
  readonly clock: VirtualClock
  readonly model: Model
  readonly trace: Entry[] = []
  /** An error in the test itself. */
  defect: unknown
  /** Whether callbacks no longer call their session, and handlers make no more mistakes. */
  isCalm = false
  #number = 0

  constructor(draw: Draw, plan: Plan, clock: VirtualClock) {
    this.draw = draw
    this.plan = plan
    this.clock = clock
    this.model = new Model(plan.limits)
  }

  /** A unique number for a call, an event or a body. */
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
