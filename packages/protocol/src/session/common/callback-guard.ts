import { onLateFailure } from '@frameport/framing/checks'
import type { SessionHandlers } from './session-types.ts'

/**
 * Runs a callback of the layer above. An error that it throws, or rejects with later, is reported and cannot break the
 * state machine; `failed` does what follows for the session.
 *
 * @param given the argument of both functions, so that they need no closure for each call
 * @param second and `third`: further arguments of `callback`
 */
export function runGuarded<Given, Second, Third>(
  handlers: SessionHandlers,
  callback: (given: Given, second: Second, third: Third) => unknown,
  failed: ((given: Given) => void) | undefined,
  given: Given,
  second: Second,
  third: Third,
): void {
  let returned: unknown
  try {
    returned = callback(given, second, third)
  } catch (error) {
    reportFailure(handlers, error, failed, given)
    return
  }
  if (returned !== undefined) watch(handlers, returned, failed, given)
}

/** In a separate function, so that callbacks which return nothing need no closure. */
function watch<Given>(
  handlers: SessionHandlers,
  returned: unknown,
  failed: ((given: Given) => void) | undefined,
  given: Given,
): void {
  onLateFailure(returned, (error) => reportFailure(handlers, error, failed, given))
}

function reportFailure<Given>(
  handlers: SessionHandlers,
  error: unknown,
  failed: ((given: Given) => void) | undefined,
  given: Given,
): void {
  report(handlers, error)
  failed?.(given)
}

function report(handlers: SessionHandlers, error: unknown): void {
  try {
    if (handlers.uncaught === undefined) surface(error)
    else onLateFailure(handlers.uncaught(error), surface)
  } catch (second) {
    surface(second)
  }
}

/** There is no handler for the error: the runtime reports it as an unhandled rejection. */
function surface(error: unknown): void {
  void Promise.reject(error)
}
