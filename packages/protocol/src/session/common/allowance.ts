import type { SessionEnvironment } from './session-environment.ts'

/** The size of an {@link Allowance}. */
export interface AllowanceSize {
  /** The number at the start, and the maximum. */
  readonly burst: number
  /** The number that it regains each second. */
  readonly perSecond: number
}

/** Limits how often something is done (a token bucket): `burst` times at once, and `perSecond` more each second. */
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

  /**
   * Takes one.
   *
   * @returns false if none is left
   */
  take(): boolean {
    this.#earn()
    if (this.#left < 1) return false
    this.#left -= 1
    return true
  }

  /** Whether it has its maximum. */
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
