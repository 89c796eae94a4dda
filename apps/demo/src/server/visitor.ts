import { FloodGate } from './flood-gate.ts'
import type { TooFast } from './outcome.ts'
import type { SessionKey } from './roster/roster-change.ts'

/** One session of a client: at first without a name, later a member of a room. */
export class Visitor {
  /** The identity, which is the same for all sessions of one person. */
  readonly identity: string
  /** In the roster, once it has asked for a room. */
  session: SessionKey | undefined
  name: string | undefined
  /** The key of the room. */
  room: string | undefined
  /** The time at which it entered that room, as a date. From then on, the others could see it and speak to it. */
  enteredAtMs = 0
  typedAtMs = Number.NEGATIVE_INFINITY
  /** The session has ended, or another one has replaced it. A call still in progress must not claim a name. */
  gone = false
  /** Its connection is lost. */
  isDetached = false
  /** The others have been notified that it is away. */
  isAway = false
  /** Cancels that notification. */
  stopAway: () => void = () => {}
  /** Belongs to the person, so that a new session does not get around it. */
  gate: FloodGate

  constructor(identity: string, nowMs: () => number) {
    this.identity = identity
    this.gate = new FloodGate(nowMs)
  }
}

/** Passes the gate, or returns how long to wait. */
export function tooFastFor({ gate }: Visitor): TooFast | undefined {
  const retryAfterMs = gate.pass()
  return retryAfterMs === 0 ? undefined : { code: 'TOO_FAST', retryAfterMs }
}
