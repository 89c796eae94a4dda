import { ignoreFailure } from '../checks/iterator-of.ts'

/** Called when a signal is aborted. It must not throw. */
type Cancel = () => void

interface SharedSignal {
  readonly cancels: Set<Cancel>
  readonly listener: () => void
}

/** Shared by all clients. The map does not keep a signal alive. */
const sharedSignals = new WeakMap<AbortSignal, SharedSignal>()

/**
 * The calls by the signals that cancel them. Each signal gets one listener, however many calls and clients share it:
 * with one listener for each call, the platform would warn of a leak when a program passes the same signal to all of
 * its calls.
 */
export class CallsOfSignals {
  /**
   * Calls `cancel` once when `signal` is aborted. The signal must not be aborted yet.
   *
   * @throws what `addEventListener` of the signal throws
   */
  add(signal: AbortSignal, cancel: Cancel): void {
    const present = sharedSignals.get(signal)
    if (present !== undefined) {
      present.cancels.add(cancel)
      return
    }
    const cancels = new Set([cancel])
    const listener = () => {
      for (const each of cancels) each()
      sharedSignals.delete(signal)
    }
    ignoreFailure(signal.addEventListener('abort', listener, { once: true }))
    sharedSignals.set(signal, { cancels, listener })
  }

  /**
   * Undoes {@link CallsOfSignals.add} for a call that has settled. The listener is removed with the last call of the
   * signal.
   */
  remove(signal: AbortSignal, cancel: Cancel): void {
    const present = sharedSignals.get(signal)
    if (present === undefined || !present.cancels.delete(cancel) || present.cancels.size > 0) return
    sharedSignals.delete(signal)
    ignoreFailure(signal.removeEventListener('abort', present.listener))
  }
}
