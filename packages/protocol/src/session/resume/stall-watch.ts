import type { SessionEnvironment, SessionTimer } from '../common/session-environment.ts'
import { SessionFault } from '../common/session-fault.ts'
import { catchUpMs, startPeerTimer } from '../common/timers.ts'

export interface StallWatchEvents {
  /** See `Traffic.silentMs`. */
  readonly silentMs: number
  /** The peer has acknowledged too little for too long: that ends the session. */
  failed(fault: SessionFault): void
}

/** Measures how long data waits for the acknowledgements of a connected peer. */
export class StallWatch {
  readonly #environment: SessionEnvironment
  readonly #timeoutMs: number
  readonly #events: StallWatchEvents
  /** Runs while something waits. */
  #timer: SessionTimer | undefined
  #sinceMs = 0
  /** The time that it has waited on earlier connections. Reconnecting does not extend the limit. */
  #stalledMs = 0
  #isForgiven = false

  constructor(environment: SessionEnvironment, timeoutMs: number, events: StallWatchEvents) {
    this.#environment = environment
    this.#timeoutMs = timeoutMs
    this.#events = events
  }

  /** Data begins to wait. */
  begin(): void {
    if (this.#timer !== undefined) return
    this.#sinceMs = this.#environment.nowMs()
    this.#wait(this.#timeoutMs - this.#stalledMs)
  }

  /** A peer without a connection has nothing to acknowledge. @param silentMs the time for which it had been silent */
  pause(silentMs: number): void {
    if (this.#timer === undefined) return
    this.#count(this.#heardForMs(silentMs))
    this.#timer.cancel()
    this.#timer = undefined
  }

  /** Nothing waits any more, or the peer has acknowledged some data. */
  stop(): void {
    this.#timer?.cancel()
    this.#timer = undefined
    this.#stalledMs = 0
    this.#isForgiven = false
  }

  /**
   * Time beyond the timeout was spent while the process was suspended: once in a stall, some of the timeout is left
   * anyway.
   */
  #count(heardMs: number): void {
    const most = this.#timeoutMs - Math.min(this.#timeoutMs, catchUpMs)
    this.#stalledMs += heardMs
    if (this.#stalledMs < this.#timeoutMs || this.#isForgiven) return
    this.#isForgiven = true
    this.#stalledMs = most
  }

  #wait(leftMs: number): void {
    this.#timer = startPeerTimer(this.#environment, Math.max(0, leftMs), () => this.#look())
  }

  #look(): void {
    const leftMs = this.#timeoutMs - this.#stalledMs - this.#heardForMs(this.#events.silentMs)
    if (leftMs > 0) {
      this.#wait(leftMs)
      return
    }
    const text = `the peer has acknowledged too little for ${this.#timeoutMs} ms`
    this.#events.failed(new SessionFault('LIMIT_EXCEEDED', text))
  }

  /** Counts the time in which the stall continues: a silent connection counts as none. */
  #heardForMs(silentMs: number): number {
    return Math.max(0, this.#environment.nowMs() - this.#sinceMs - silentMs)
  }
}
