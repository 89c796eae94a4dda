import type { ContractEvent } from '@frameport/protocol'
import type { SessionEnvironment, SessionTimer } from '@frameport/protocol/session'

/**
 * Detects a client that listens to an event to which only handlers of the server can subscribe it, but gives them no
 * reason to do so: for a while, it has made no call and received no event. Reports it once.
 */
export class ListenerSilence {
  readonly #environment: SessionEnvironment
  readonly #afterMs: number
  readonly #tell: (event: string) => void
  #isSettled = false
  #timer: SessionTimer | undefined

  constructor(environment: SessionEnvironment, afterMs: number, tell: (event: string) => void) {
    this.#environment = environment
    this.#afterMs = afterMs
    this.#tell = tell
  }

  listens({ subscribe, name }: ContractEvent): void {
    if (this.#isSettled || this.#timer !== undefined || subscribe !== 'handlers') return
    this.#timer = this.#environment.setTimer(this.#afterMs, () => {
      this.#isSettled = true
      this.#tell(name)
    })
  }

  /**
   * A call may have led to a subscription, and an event shows that there is one. A client that has ended needs no
   * advice.
   */
  settle(): void {
    if (this.#isSettled) return
    this.#isSettled = true
    this.#timer?.cancel()
  }
}
