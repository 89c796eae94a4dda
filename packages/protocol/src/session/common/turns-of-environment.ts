import type { SessionEnvironment } from './session-environment.ts'
import { Turns } from './turns.ts'

/** The default for all connections of a server: two or three sessions that use all of their time. */
const turnMs = 5
const turnStepsMax = 16_384

const ofEnvironments = new WeakMap<SessionEnvironment, Turns>()

/**
 * The turns of sessions without a host: those of the clients of a program. A hundred clients, each connected to a busy
 * server, leave timers and other sockets as much of a turn as one client does.
 */
export function turnsOf(environment: SessionEnvironment): Turns {
  const known = ofEnvironments.get(environment)
  if (known !== undefined) return known
  const turns = new Turns({ environment, turnMs, turnStepsMax })
  ofEnvironments.set(environment, turns)
  return turns
}
