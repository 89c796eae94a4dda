/**
 * The rate at which the peer reads whatever it is sent. It is measured over at least half of a period: a connection
 * takes data off its queue in steps, and at first fills the buffers of the system even if the peer does not read.
 */
export class ReadingPace {
  readonly #overMs: number
  /** Two checks: their times, and the total bytes that the peer had taken. */
  #lastAtMs = 0
  #lastTaken = 0
  #beforeAtMs = 0
  #beforeTaken = 0

  /** @param overMs the period for which {@link look} returns a result */
  constructor(overMs: number) {
    this.#overMs = overMs
  }

  /** Earlier measurements no longer count. */
  restart(nowMs: number, bytesTaken: number): void {
    this.#lastAtMs = nowMs
    this.#lastTaken = bytesTaken
    this.#beforeAtMs = nowMs
    this.#beforeTaken = bytesTaken
  }

  /**
   * @returns the number of bytes that the peer takes in `overMs` at its recent pace. Call it at least twice in that
   * time
   */
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
