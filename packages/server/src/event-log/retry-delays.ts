import type { SessionEnvironment, SessionTimer } from '@frameport/protocol/session'

/** The first delay before a log that failed is asked again; each further one is twice as long. A log that has hiccuped is there again by then. */
const retryFirstMs = 100

/** The delays of one reader of a log that fails. Once it has stopped, nothing of them is left. */
export class RetryDelays {
  readonly #environment: SessionEnvironment
  readonly #maxMs: number
  #nextMs = retryFirstMs
  readonly #timers = new Set<SessionTimer>()
  #endWait: (() => void) | undefined
  #isStopped = false

  /** @param maxMs the longest one */
  constructor(environment: SessionEnvironment, maxMs: number) {
    this.#environment = environment
    this.#maxMs = maxMs
  }

  /** The log works: the next delay is a first one again. */
  worked(): void {
    this.#nextMs = retryFirstMs
  }

  /** Settles behind the next delay, or when it is stopped. */
  wait(): Promise<void> {
    if (this.#isStopped) return Promise.resolve()
    return new Promise((resolve) => {
      this.#endWait = resolve
      this.after(resolve)
    })
  }

  /** Calls back behind the next delay, unless it is stopped before. */
  after(callback: () => void): void {
    if (this.#isStopped) return
    const delayMs = Math.min(this.#nextMs, this.#maxMs)
    this.#nextMs = delayMs * 2
    const timer = this.#environment.setTimer(delayMs, () => {
      this.#timers.delete(timer)
      callback()
    })
    this.#timers.add(timer)
  }

  stop(): void {
    this.#isStopped = true
    for (const timer of this.#timers) timer.cancel()
    this.#timers.clear()
    this.#endWait?.()
  }
}
