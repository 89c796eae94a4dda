import { onLateFailure } from './late-failure.ts'
import type { SessionHandlers } from './session-types.ts'

/** See {@link callbackGuard}. */
export type CallbackGuard = (callback: () => unknown, failed?: () => void) => void

/**
 * Runs callbacks of the layer above so that what they throw, or reject with later, cannot break the state machine: it
 * is reported, and `failed` does what follows for the session.
 */
export function callbackGuard(handlers: SessionHandlers): CallbackGuard {
  return (callback, failed) => {
    const onFailure = (error: unknown) => {
      report(handlers, error)
      failed?.()
    }
    try {
      onLateFailure(callback(), onFailure)
    } catch (error) {
      onFailure(error)
    }
  }
}

function report(handlers: SessionHandlers, error: unknown): void {
  try {
    if (handlers.uncaught === undefined) surface(error)
    else onLateFailure(handlers.uncaught(error), surface)
  } catch (second) {
    surface(second)
  }
}

/** Nobody is there to be told: the runtime reports it as a rejection that nobody handles. */
function surface(error: unknown): void {
  void Promise.reject(error)
}
