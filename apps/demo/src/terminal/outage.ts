import type { ChatClock } from '../chat-clock.ts'
import { limits } from '../limits.ts'

/** A connection that is lost, as a person is shown it. */
export interface OutageFacts {
  /** Whole seconds since the loss. */
  readonly seconds: number
}

/** How long there has been no connection. It tells of it when that is long enough to notice, and each second. */
export class Outage {
  readonly #clock: Pick<ChatClock, 'nowMs' | 'after'>
  readonly #changed: (facts: OutageFacts | undefined) => void
  #sinceMs: number | undefined
  #isShown = false
  #stopTimer: () => void = () => {}

  /** @param changed called with undefined when an outage that was told of is over */
  constructor(clock: Pick<ChatClock, 'nowMs' | 'after'>, changed: (facts: OutageFacts | undefined) => void) {
    this.#clock = clock
    this.#changed = changed
  }

  /** Idempotent: the time runs from the first call. */
  begin(): void {
    if (this.#sinceMs !== undefined) return
    this.#sinceMs = this.#clock.nowMs()
    this.#stopTimer = this.#clock.after(limits.reconnectingShownMs, () => this.#tell())
  }

  end(): void {
    this.#stopTimer()
    this.#sinceMs = undefined
    if (!this.#isShown) return
    this.#isShown = false
    this.#changed(undefined)
  }

  #tell(): void {
    const elapsedMs = this.#clock.nowMs() - (this.#sinceMs ?? 0)
    this.#isShown = true
    this.#stopTimer = this.#clock.after(1_000 - (elapsedMs % 1_000), () => this.#tell())
    this.#changed({ seconds: Math.floor(elapsedMs / 1_000) })
  }
}
