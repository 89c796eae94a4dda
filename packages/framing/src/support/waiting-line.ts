import { Fifo } from './fifo.ts'

/**
 * A mutual exclusion lock: one caller at a time may continue, in the order in which they called `enter`.
 *
 * @example
 * await line.enter()
 * try {
 *   await work()
 * } finally {
 *   line.leave()
 * }
 */
export class WaitingLine {
  readonly #waiting = new Fifo<() => void>()
  #isTaken = false

  /** Enters the line. Returns undefined if the caller may continue at once, and otherwise a promise to await. Every `enter` needs a `leave`. */
  enter(): Promise<void> | undefined {
    if (this.#isTaken) return new Promise((resolve) => this.#waiting.push(resolve))
    this.#isTaken = true
    return undefined
  }

  /** Leaves the line, so that the next caller may continue. */
  leave(): void {
    const following = this.#waiting.shift()
    if (following === undefined) this.#isTaken = false
    else following()
  }
}
