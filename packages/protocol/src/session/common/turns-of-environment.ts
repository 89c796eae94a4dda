import type { SessionEnvironment } from './session-environment.ts'
import { Turns } from './turns.ts'

/** As all connections of a server have by default: two or three sessions that use all of their time. */
const turnMs = 5
const turnStepsMax = 16_384

const ofEnvironments = new WeakMap<SessionEnvironment, Turns>()

/**
 * What sessions share that have no host: those of the clients of one program. A hundred of them, each connected to a server
 * that never stops, leave its timers and its other sockets as much of a turn as one of them does.
 */
export function turnsOf(environment: SessionEnvironment): Turns {
  const known = ofEnvironments.get(environment)
  if (known !== undefined) return known
  const turns = new Turns({ environment, turnMs, turnStepsMax })
  ofEnvironments.set(environment, turns)
  return turns
}
