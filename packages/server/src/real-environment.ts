import type { SessionEnvironment } from '@frameport/protocol'

/** The real clock. Its timers keep no process alive: connections do. */
export const realEnvironment: SessionEnvironment = {
  nowMs: () => performance.now(),
  setTimer(delayMs, callback) {
    const timer = setTimeout(callback, delayMs)
    timer.unref()
    return { cancel: () => clearTimeout(timer) }
  },
  random: () => Math.random(),
}
