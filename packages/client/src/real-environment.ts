import type { SessionEnvironment } from '@frameport/protocol'

/** The real clock of Node or a browser. In Node its timers keep no process alive: the connection does. */
export const realEnvironment: SessionEnvironment = {
  nowMs: () => performance.now(),
  setTimer(delayMs, callback) {
    const timer: { unref?(): unknown } | number = setTimeout(callback, delayMs)
    if (typeof timer === 'object') timer.unref?.()
    return { cancel: () => clearTimeout(timer as Parameters<typeof clearTimeout>[0]) }
  },
  random: () => Math.random(),
}
