import type { SessionEnvironment, SessionTimer } from './common/session-environment.ts'
import { startPeerTimer } from './common/timers.ts'

/** The state of a session without an open link: it waits for another one until its window is over. */
export class Detachment {
  #timer: SessionTimer | undefined
  /** Wakes the callers that wait for its end. */
  readonly #wake: (() => void)[] = []

  /** The session has lost a link that was open. */
  get hasBegun(): boolean {
    return this.#timer !== undefined
  }

  /** The window runs from the first time on. */
  begin(environment: SessionEnvironment, windowMs: number, over: () => void): void {
    this.#timer ??= startPeerTimer(environment, windowMs, over)
  }

  /** Settles when it has ended. */
  over(): Promise<void> {
    return new Promise((resolve) => this.#wake.push(resolve))
  }

  /** Another link is open, or the session ends. */
  end(): void {
    this.#timer?.cancel()
    for (const wake of this.#wake) wake()
  }
}
