import { onLateFailure } from '@frameport/framing/checks'
import type { SessionHandlers } from './session-types.ts'

/** See {@link callbackGuard}. */
export type CallbackGuard = (callback: () => unknown, failed?: () => void) => void

/**
 * Runs callbacks of the layer above so that what they throw, or reject with later, cannot break the state machine: it
 * is reported, and `failed` does what follows for the session.
 */
export function callbackGuard(handlers: SessionHandlers): CallbackGuard {
  return (callback, failed) => {
    let returned: unknown
    try {
      returned = callback()
    } catch (error) {
      reportFailure(handlers, error, failed)
      return
    }
    if (returned !== undefined) watch(handlers, returned, failed)
  }
}

/** In a function of its own, so that callbacks which return nothing cost no closure. */
function watch(handlers: SessionHandlers, returned: unknown, failed: (() => void) | undefined): void {
  onLateFailure(returned, (error) => reportFailure(handlers, error, failed))
}

function reportFailure(handlers: SessionHandlers, error: unknown, failed: (() => void) | undefined): void {
  report(handlers, error)
  failed?.()
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
