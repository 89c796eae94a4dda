import type { SessionLimits } from '../common/session-limits.ts'
import type { EnvelopeWriter } from './envelope-writer.ts'

/**
 * Bounds the bytes of encoded answers: while more than `answerBytesQueuedMax` of them wait for a peer that does not
 * read, further answers stay the values they are, in the slots of their calls, and are encoded as the queue drains.
 */
export class AnswerQueue {
  readonly #writer: EnvelopeWriter
  readonly #limits: SessionLimits
  readonly #drained: () => Promise<void>
  #waiting: (() => void)[] = []
  #isWaiting = false

  /** @param drained settles when the queue of the connection has fallen, or is gone */
  constructor(writer: EnvelopeWriter, limits: SessionLimits, drained: () => Promise<void>) {
    this.#writer = writer
    this.#limits = limits
    this.#drained = drained
  }

  /** Runs `send` now, or when answers before it have left. */
  add(send: () => void): void {
    if (this.#waiting.length === 0 && !this.#isFull) send()
    else {
      this.#waiting.push(send)
      this.#wait()
    }
  }

  get #isFull(): boolean {
    return this.#writer.answerBytesQueued > this.#limits.answerBytesQueuedMax
  }

  #wait(): void {
    if (this.#isWaiting) return
    this.#isWaiting = true
    void this.#drained().then(() => {
      this.#isWaiting = false
      this.#flush()
    })
  }

  /** At least one: a connection may call itself drained at more than this side wants to queue. */
  #flush(): void {
    const waiting = this.#waiting
    let sent = 0
    while (sent < waiting.length && (sent === 0 || !this.#isFull)) {
      waiting[sent]!()
      sent += 1
    }
    this.#waiting = waiting.slice(sent)
    if (this.#waiting.length > 0) this.#wait()
  }
}
