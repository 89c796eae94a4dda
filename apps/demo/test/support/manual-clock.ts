import type { ChatClock } from '../../src/chat-clock.ts'

/** A clock that only advances when a test advances it. */
export class ManualClock implements ChatClock {
  #nowMs = 0
  readonly #timers = new Map<object, { readonly dueMs: number; readonly run: () => void }>()

  nowMs(): number {
    return this.#nowMs
  }

  dateMs(): number {
    return 1_700_000_000_000 + this.#nowMs
  }

  after(ms: number, run: () => void): () => void {
    const key = {}
    this.#timers.set(key, { dueMs: this.#nowMs + ms, run })
    return () => this.#timers.delete(key)
  }

  /** Whether a timer is due after exactly this time. */
  isDueIn(ms: number): boolean {
    return [...this.#timers.values()].some(({ dueMs }) => dueMs === this.#nowMs + ms)
  }

  get timers(): number {
    return this.#timers.size
  }

  /** Runs the timers that are due by then, in order, and the consequences of each before the next one. */
  async move(ms: number): Promise<void> {
    const untilMs = this.#nowMs + ms
    for (;;) {
      const due = [...this.#timers].filter(([, { dueMs }]) => dueMs <= untilMs)
      const [next] = due.sort(([, one], [, other]) => one.dueMs - other.dueMs)
      if (next === undefined) break
      const [key, { dueMs, run }] = next
      this.#timers.delete(key)
      this.#nowMs = Math.max(this.#nowMs, dueMs)
      run()
      await settled()
    }
    this.#nowMs = untilMs
  }
}

/** Settles after every promise that can settle by itself. */
export async function settled(): Promise<void> {
  for (let turn = 0; turn < 3; turn += 1) await new Promise((resolve) => setImmediate(resolve))
}
