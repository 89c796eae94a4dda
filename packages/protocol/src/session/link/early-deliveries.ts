import { inMicrotask } from '@frameport/framing/checks'
/**
 * What a channel delivers before its `start` has returned, which only a channel that breaks its contract does: it waits
 * for a microtask, in order. One that is gone already would else end the session before anybody holds it.
 */
export class EarlyDeliveries {
  #waiting: (() => void)[] = []

  get isEmpty(): boolean {
    return this.#waiting.length === 0
  }

  add(deliver: () => void): void {
    this.#waiting.push(deliver)
  }

  /** Delivers all in a microtask, and what comes meanwhile; then calls `done`. */
  deliverSoon(done: () => void): void {
    inMicrotask(() => {
      for (let next = this.#waiting.shift(); next !== undefined; next = this.#waiting.shift()) next()
      done()
    })
  }
}
