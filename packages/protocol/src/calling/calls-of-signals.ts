import { ignoreFailure } from '../checks/iterator-of.ts'

/** What is called when a signal is aborted. It must not throw. */
type Cancel = () => void

interface SharedSignal {
  readonly cancels: Set<Cancel>
  readonly listener: () => void
}

/** Of all clients. A signal that is no longer referred to is not kept by it. */
const sharedSignals = new WeakMap<AbortSignal, SharedSignal>()

/**
 * Calls by the signals that cancel them. However many calls share a signal, and however many clients they are of, it gets one
 * listener: a program that gives all of its calls the signal of its own end would otherwise be warned of a leak by the
 * platform.
 */
export class CallsOfSignals {
  /** Calls `cancel` once when `signal` is aborted, which it is not yet. */
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

  /** The call has settled: the signal is let go with the last of its calls. */
  remove(signal: AbortSignal, cancel: Cancel): void {
    const present = sharedSignals.get(signal)
    if (present === undefined || !present.cancels.delete(cancel) || present.cancels.size > 0) return
    sharedSignals.delete(signal)
    ignoreFailure(signal.removeEventListener('abort', present.listener))
  }
}
