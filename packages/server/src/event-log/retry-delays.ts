import type { SessionEnvironment, SessionTimer } from '@frameport/protocol/session'

/**
 * The first delay before a failed log is called again; it doubles each time. A short failure of the log is over by
 * then.
 */
const retryFirstMs = 100

/** The delays of one reader of a failing log. No timer remains once it is stopped. */
export class RetryDelays {
  readonly #environment: SessionEnvironment
  readonly #maxMs: number
  #nextMs = retryFirstMs
  readonly #timers = new Set<SessionTimer>()
  #endWait: (() => void) | undefined
  #isStopped = false

  /** @param maxMs the longest delay */
  constructor(environment: SessionEnvironment, maxMs: number) {
    this.#environment = environment
    this.#maxMs = maxMs
  }

  /** Call when the log works: the next delay is the first one again. */
  worked(): void {
    this.#nextMs = retryFirstMs
  }

  /** Settles after the next delay, or when it is stopped. */
  wait(): Promise<void> {
    if (this.#isStopped) return Promise.resolve()
    return new Promise((resolve) => {
      this.#endWait = resolve
      this.after(resolve)
    })
  }

  /** Calls back after the next delay, unless it is stopped before. */
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
