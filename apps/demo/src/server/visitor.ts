import { FloodGate } from './flood-gate.ts'
import type { TooFast } from './outcome.ts'
import type { SessionKey } from './roster/roster-change.ts'

/** One session of a client: at first without a name, later a member of a room. */
export class Visitor {
  /** Who it is: the same for each session of one person. */
  readonly identity: string
  /** In the roster, once it has asked for a room. */
  session: SessionKey | undefined
  name: string | undefined
  /** The key of the room. */
  room: string | undefined
  /** When it entered that room, as a date: from then on the others could see it, and speak to it. */
  enteredAtMs = 0
  typedAtMs = Number.NEGATIVE_INFINITY
  /** The session has ended, or another one has taken its place: a call still in progress must not claim a name. */
  gone = false
  /** Its connection is lost. */
  isDetached = false
  /** The others were told that it is away. */
  isAway = false
  /** Keeps them from being told. */
  stopAway: () => void = () => {}
  /** Of the person, so that a new session is no way around it. */
  gate: FloodGate

  constructor(identity: string, nowMs: () => number) {
    this.identity = identity
    this.gate = new FloodGate(nowMs)
  }
}

/** Takes one turn at the gate, or says when there is one again. */
export function tooFastFor({ gate }: Visitor): TooFast | undefined {
  const retryAfterMs = gate.pass()
  return retryAfterMs === 0 ? undefined : { code: 'TOO_FAST', retryAfterMs }
}
