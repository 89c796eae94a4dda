/**
 * How fast the peer takes what it is sent, whatever that is. It is measured over half of a time at least: what a connection
 * takes off its queue comes in steps, and at first it fills the buffers of the system, although nobody reads them.
 */
export class ReadingPace {
  readonly #overMs: number
  /** Two looks: when they were, and what the peer had taken in all. */
  #lastAtMs = 0
  #lastTaken = 0
  #beforeAtMs = 0
  #beforeTaken = 0

  /** @param overMs what {@link look} tells is told for so long */
  constructor(overMs: number) {
    this.#overMs = overMs
  }

  /** What was before says nothing of what comes. */
  restart(nowMs: number, bytesTaken: number): void {
    this.#lastAtMs = nowMs
    this.#lastTaken = bytesTaken
    this.#beforeAtMs = nowMs
    this.#beforeTaken = bytesTaken
  }

  /** @returns how many bytes the peer takes in `overMs` at its recent pace. Call it at least twice in that time */
  look(nowMs: number, bytesTaken: number): number {
    const lastIsOld = nowMs - this.#lastAtMs >= this.#overMs / 2
    const sinceMs = nowMs - (lastIsOld ? this.#lastAtMs : this.#beforeAtMs)
    const taken = bytesTaken - (lastIsOld ? this.#lastTaken : this.#beforeTaken)
    if (lastIsOld) {
      this.#beforeAtMs = this.#lastAtMs
      this.#beforeTaken = this.#lastTaken
      this.#lastAtMs = nowMs
      this.#lastTaken = bytesTaken
    }
    return sinceMs <= 0 ? 0 : (taken / sinceMs) * this.#overMs
  }
}
