/**
 * Waits for one promise after another, but no longer than a signal lives. `Promise.race` with one promise for the
 * signal would leave a reaction behind for every item of a stream.
 */
export class AbortGate {
  readonly #signal: AbortSignal
  #leave: ((reason: unknown) => void) | undefined
  readonly #onAbort = () => this.#leave?.(this.#signal.reason)

  constructor(signal: AbortSignal) {
    this.#signal = signal
    signal.addEventListener('abort', this.#onAbort, { once: true })
  }

  /** What `promise` settles to, or a rejection with the signal's reason, whichever comes first. */
  wait<T>(promise: PromiseLike<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      this.#leave = reject
      promise.then(resolve, reject)
      if (this.#signal.aborted) reject(this.#signal.reason)
    })
  }

  /** Lets go of the signal. */
  close(): void {
    this.#leave = undefined
    this.#signal.removeEventListener('abort', this.#onAbort)
  }
}
