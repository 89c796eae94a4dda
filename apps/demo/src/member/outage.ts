import type { ChatClock } from '../chat-clock.ts'

/** A connection that is lost, or a server that does not answer, as a person is shown it. */
export interface OutageFacts {
  /** Whole seconds since it began. */
  readonly seconds: number
}

/**
 * Measures how long something has been missing. Reports it when it lasts long enough to notice, and then every second.
 */
export class Outage {
  readonly #clock: Pick<ChatClock, 'nowMs' | 'after'>
  readonly #changed: (facts: OutageFacts | undefined) => void
  readonly #shownMs: number
  #sinceMs: number | undefined
  #isShown = false
  #stopTimer: () => void = () => {}

  /**
   * @param shownMs shorter outages are not reported
   * @param changed called with undefined when a reported outage is over
   */
  constructor(
    clock: Pick<ChatClock, 'nowMs' | 'after'>,
    shownMs: number,
    changed: (facts: OutageFacts | undefined) => void,
  ) {
    this.#clock = clock
    this.#shownMs = shownMs
    this.#changed = changed
  }

  /** Idempotent: the time runs from the first call. */
  begin(): void {
    if (this.#sinceMs !== undefined) return
    this.#sinceMs = this.#clock.nowMs()
    this.#stopTimer = this.#clock.after(this.#shownMs, () => this.#tell())
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
