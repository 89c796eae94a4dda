import { limits } from '../limits.ts'

/**
 * A bucket of tokens that fills with time: a burst goes through, a stream is held to the rate.
 */
export class FloodGate {
  #tokens: number
  #filledAtMs: number
  readonly #nowMs: () => number

  constructor(nowMs: () => number) {
    this.#nowMs = nowMs
    this.#tokens = limits.floodBurst
    this.#filledAtMs = nowMs()
  }

  /** Takes a token and returns 0, or takes none and returns the milliseconds until there is one. */
  pass(): number {
    const nowMs = this.#nowMs()
    const earned = ((nowMs - this.#filledAtMs) * limits.floodPerSecond) / 1_000
    this.#tokens = Math.min(limits.floodBurst, this.#tokens + earned)
    this.#filledAtMs = nowMs
    if (this.#tokens < 1) return Math.ceil(((1 - this.#tokens) * 1_000) / limits.floodPerSecond)
    this.#tokens -= 1
    return 0
  }
}
