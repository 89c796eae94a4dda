import { FloodGate } from './flood-gate.ts'
import type { TooFast } from './outcome.ts'
import type { Room } from './rooms.ts'

/** One connection: at first without a name, later a member of a room. */
export class Visitor {
  name: string | undefined
  room: Room | undefined
  typedAtMs = Number.NEGATIVE_INFINITY
  /** The connection has ended: a call still in progress must not claim a name. */
  gone = false
  readonly gate: FloodGate

  constructor(nowMs: () => number) {
    this.gate = new FloodGate(nowMs)
  }
}

/** Takes one turn at the gate, or says when there is one again. */
export function tooFastFor({ gate }: Visitor): TooFast | undefined {
  const retryAfterMs = gate.pass()
  return retryAfterMs === 0 ? undefined : { code: 'TOO_FAST', retryAfterMs }
}
