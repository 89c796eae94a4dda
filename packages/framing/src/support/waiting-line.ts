import { Fifo } from './fifo.ts'

/** Lets one go on at a time, the others in the order in which they came. */
export class WaitingLine {
  readonly #waiting = new Fifo<() => void>()
  #isTaken = false

  /** @returns what to wait for; undefined for who may go on at once. Whoever has entered has to leave. */
  enter(): Promise<void> | undefined {
    if (this.#isTaken) return new Promise((resolve) => this.#waiting.push(resolve))
    this.#isTaken = true
    return undefined
  }

  leave(): void {
    const following = this.#waiting.shift()
    if (following === undefined) this.#isTaken = false
    else following()
  }
}
