import type { SessionEnvironment } from './session-environment.ts'

/** How much an allowance has at the beginning and at most, and how much of it comes back each second. */
export interface AllowanceSize {
  readonly burst: number
  readonly perSecond: number
}

/** How often something may still be done: a burst, and so much more each second (a token bucket). */
export class Allowance {
  readonly #environment: Pick<SessionEnvironment, 'nowMs'>
  readonly #size: AllowanceSize
  #left: number
  #countedAtMs: number

  constructor(environment: Pick<SessionEnvironment, 'nowMs'>, size: AllowanceSize) {
    this.#environment = environment
    this.#size = size
    this.#left = size.burst
    this.#countedAtMs = environment.nowMs()
  }

  /** False when there were too many. */
  take(): boolean {
    this.#earn()
    if (this.#left < 1) return false
    this.#left -= 1
    return true
  }

  /** Whether it has as much as it can have. */
  get isFull(): boolean {
    this.#earn()
    return this.#left >= this.#size.burst
  }

  #earn(): void {
    const nowMs = this.#environment.nowMs()
    const earned = ((nowMs - this.#countedAtMs) / 1000) * this.#size.perSecond
    this.#left = Math.min(this.#size.burst, this.#left + earned)
    this.#countedAtMs = nowMs
  }
}
