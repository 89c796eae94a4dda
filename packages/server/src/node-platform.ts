import { realTimers } from '@frameport/iocp-core'
import type { SessionEnvironment } from '@frameport/protocol/session'

export { currentContext, emptyContext } from '@frameport/iocp-core'

/** The real clock, which no fake stops. Its timers keep no process alive: the listeners do. */
export const realEnvironment: SessionEnvironment = {
  nowMs: realTimers.nowMs,
  setTimer: realTimers.startTimer,
  random: () => Math.random(),
}
