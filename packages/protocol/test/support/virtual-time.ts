import type { SessionEnvironment, SessionTimer } from '../../src/session/index.ts'

interface Timer {
  readonly dueAtMs: number
  readonly order: number
  readonly callback: () => void
}

/** Time that passes only when a test says so. Microtasks run between timers, as in a real loop. */
export class VirtualTime implements SessionEnvironment {
  #nowMs = 1_000
  #order = 0
  readonly #timers = new Set<Timer>()

  get timers(): number {
    return this.#timers.size
  }

  nowMs(): number {
    return this.#nowMs
  }

  random(): number {
    return 0.5
  }

  setTimer(delayMs: number, callback: () => void): SessionTimer {
    this.#order += 1
    const timer: Timer = { dueAtMs: this.#nowMs + Math.max(0, delayMs), order: this.#order, callback }
    this.#timers.add(timer)
    return { cancel: () => this.#timers.delete(timer) }
  }

  /** Lets `ms` pass, running what falls due in its order. */
  async advance(ms = 0): Promise<void> {
    const untilMs = this.#nowMs + ms
    await flushMicrotasks()
    for (let timer = this.#next(untilMs); timer !== undefined; timer = this.#next(untilMs)) {
      this.#nowMs = Math.max(this.#nowMs, timer.dueAtMs)
      this.#timers.delete(timer)
      timer.callback()
      await flushMicrotasks()
    }
    this.#nowMs = untilMs
  }

  /** As a process that was stopped: time passes and nothing runs until it is over. */
  sleep(ms: number): void {
    this.#nowMs += ms
  }

  #next(untilMs: number): Timer | undefined {
    let next: Timer | undefined
    for (const timer of this.#timers) {
      if (timer.dueAtMs > untilMs) continue
      if (
        next === undefined ||
        timer.dueAtMs < next.dueAtMs ||
        (timer.dueAtMs === next.dueAtMs && timer.order < next.order)
      ) {
        next = timer
      }
    }
    return next
  }
}

async function flushMicrotasks(): Promise<void> {
  for (let turn = 0; turn < 12; turn += 1) await Promise.resolve()
}
