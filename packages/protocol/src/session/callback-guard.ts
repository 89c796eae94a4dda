import type { SessionHandlers } from './session-types.ts'

/** Runs callbacks of the layer above so that what they throw cannot break the state machine. */
export function callbackGuard(handlers: SessionHandlers): (callback: () => void) => boolean {
  return (callback) => {
    try {
      callback()
      return true
    } catch (error) {
      report(handlers, error)
      return false
    }
  }
}

function report(handlers: SessionHandlers, error: unknown): void {
  try {
    if (handlers.uncaught === undefined) void Promise.reject(error)
    else handlers.uncaught(error)
  } catch (second) {
    void Promise.reject(second)
  }
}
