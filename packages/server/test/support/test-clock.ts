import type { SessionEnvironment } from '@frameport/protocol/session'

/** Time that advances only when a test advances it. */
export class TestClock implements SessionEnvironment {
  timers: { readonly dueAtMs: number; readonly callback: () => void }[] = []
  #nowMs = 0

  nowMs(): number {
    return this.#nowMs
  }

  random(): number {
    return 0
  }

  setTimer(delayMs: number, callback: () => void) {
    const timer = { dueAtMs: this.#nowMs + delayMs, callback }
    this.timers.push(timer)
    return { cancel: () => this.#drop(timer) }
  }

  advance(ms: number): void {
    const untilMs = this.#nowMs + ms
    for (;;) {
      const [next] = [...this.timers].sort((one, other) => one.dueAtMs - other.dueAtMs)
      if (next === undefined || next.dueAtMs > untilMs) break
      this.#nowMs = next.dueAtMs
      this.#drop(next)
      next.callback()
    }
    this.#nowMs = untilMs
  }

  /** Returns the result of `promise`. Time advances as far as necessary. */
  async until<T>(promise: Promise<T>): Promise<T> {
    let isSettled = false
    const settled = () => {
      isSettled = true
    }
    promise.then(settled, settled)
    while (!isSettled) {
      await new Promise((resolve) => setImmediate(resolve))
      const [next] = [...this.timers].sort((one, other) => one.dueAtMs - other.dueAtMs)
      if (!isSettled && next !== undefined) this.advance(next.dueAtMs - this.#nowMs)
    }
    return promise
  }

  #drop(timer: object): void {
    this.timers = this.timers.filter((other) => other !== timer)
  }
}
