import { limits } from '../limits.ts'

/** A token bucket: a burst passes, a stream is limited to the rate. */
export class FloodGate {
  #tokens: number
  #filledAtMs: number
  readonly #nowMs: () => number

  constructor(nowMs: () => number) {
    this.#nowMs = nowMs
    this.#tokens = limits.floodBurst
    this.#filledAtMs = nowMs()
  }

  /** Takes a token and returns 0. Without a token it returns the milliseconds until the next one. */
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
