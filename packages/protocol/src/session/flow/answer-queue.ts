import type { SessionLimits } from '../common/session-limits.ts'
import type { BodySender } from './body-sender.ts'
import type { EnvelopeWriter } from './envelope-writer.ts'
import type { TurnBudget } from './turn-budget.ts'

/**
 * Limits the bytes of encoded answers, and the time for encoding them. While more than `answerBytesQueuedMax` of them
 * wait for a peer that does not read, or more than `bodiesPartialBytesMax` of long ones wait to be sent, further
 * answers stay values in the slots of their calls, and are encoded as the queue drains. The same holds for a session
 * whose turn is used up.
 */
export class AnswerQueue {
  readonly #writer: EnvelopeWriter
  readonly #bodies: BodySender
  readonly #limits: SessionLimits
  readonly #turn: TurnBudget
  readonly #connection: { drained(): Promise<void> }
  /** Created when an answer waits. */
  #waiting: (() => void)[] | undefined
  #isWaiting = false
  #isFlushing = false

  /** @param connection `drained` settles when its queue has fallen, or is gone */
  constructor(
    writer: EnvelopeWriter,
    bodies: BodySender,
    limits: SessionLimits,
    turn: TurnBudget,
    connection: { drained(): Promise<void> },
  ) {
    this.#writer = writer
    this.#bodies = bodies
    this.#limits = limits
    this.#turn = turn
    this.#connection = connection
  }

  /** Whether some answers are not encoded yet. */
  get areWaiting(): boolean {
    return this.#waiting !== undefined
  }

  /** True if an answer may be sent now. */
  get areOpen(): boolean {
    return this.#waiting === undefined && !this.#isFull
  }

  /**
   * Runs `send` now, or after earlier answers were sent.
   *
   * @returns whether it waits
   */
  add(send: () => void): boolean {
    if (this.areOpen) {
      send()
      return false
    }
    this.#waiting ??= []
    this.#waiting.push(send)
    this.#wait()
    return true
  }

  /** Waiting bodies were sent, or the turn of the session has come: there may be room. */
  goOn(): void {
    if (this.areWaiting && !this.#isWaiting && !this.#isFlushing) this.#flush()
  }

  get #isFull(): boolean {
    if (!this.#turn.mayGoOn()) return true
    const isOver = this.#writer.hasAnswersOver(this.#limits.answerBytesQueuedMax)
    // Waiting long bodies do not delay small answers, until they exceed what this side would accept from the peer.
    return isOver || this.#bodies.isFull || this.#writer.waitsForAck
  }

  /**
   * While pieces of bodies wait, or the session waits for its turn or for acknowledgements, {@link goOn} is called
   * afterwards.
   */
  #wait(): void {
    if (this.#isWaiting || this.#turn.isUsedUp || this.#bodies.waitingBytes > 0 || this.#writer.waitsForAck)
      return
    this.#isWaiting = true
    void this.#connection.drained().then(() => {
      this.#isWaiting = false
      this.#flush()
    })
  }

  /**
   * Sends at least one answer if no body waits, because a connection may report a drain at more than this side wants to
   * queue.
   */
  #flush(): void {
    const waiting = this.#waiting ?? []
    const first = this.#bodies.waitingBytes === 0 ? 1 : 0
    let sent = 0
    this.#isFlushing = true
    while (sent < waiting.length && (sent < first || !this.#isFull)) {
      waiting[sent]!()
      sent += 1
    }
    this.#isFlushing = false
    this.#waiting = sent < waiting.length ? waiting.slice(sent) : undefined
    if (this.areWaiting) this.#wait()
  }
}
