import { inMicrotask } from '@frameport/framing/checks'
/**
 * Holds what a channel delivers before its `start` has returned, which violates its contract: it is delivered in a
 * microtask, in order. Otherwise a channel that is already closed would end the session before its owner has it.
 */
export class EarlyDeliveries {
  #waiting: (() => void)[] = []

  get isEmpty(): boolean {
    return this.#waiting.length === 0
  }

  add(deliver: () => void): void {
    this.#waiting.push(deliver)
  }

  /** Delivers everything in a microtask, with what arrives meanwhile; then calls `done`. */
  deliverSoon(done: () => void): void {
    inMicrotask(() => {
      for (let next = this.#waiting.shift(); next !== undefined; next = this.#waiting.shift()) next()
      done()
    })
  }
}
