import { RareSet } from '@frameport/framing/checks'
import type { BodySender } from './body-sender.ts'
import type { EnvelopeWriter } from './envelope-writer.ts'
import type { TurnBudget } from './turn-budget.ts'

/** A stream with a waiting item. */
export interface WaitingStream {
  /** @returns whether it may send one now */
  wake(): boolean
}

/**
 * The streams of one session whose next items wait for credit, for room in the connection or for the turn of the
 * session, in the order in which they began to wait. On a connection that is always full, each stream gets room in
 * turn.
 */
export class ItemLine {
  readonly #writer: EnvelopeWriter
  readonly #bodies: BodySender
  readonly #turn: TurnBudget
  readonly #waiting = new RareSet<WaitingStream>()

  constructor(writer: EnvelopeWriter, bodies: BodySender, turn: TurnBudget) {
    this.#writer = writer
    this.#bodies = bodies
    this.#turn = turn
  }

  /** True if an item with credit can be sent. */
  get hasRoom(): boolean {
    return !this.#writer.blocked && !this.#turn.isUsedUp && !this.#bodies.isFull
  }

  /** True if streams wait for credit, for room or for their turn. */
  get areWaiting(): boolean {
    return this.#waiting.size > 0
  }

  /** A sender keeps its place until it has sent an item, because earlier ones may have used up the room. */
  add(stream: WaitingStream): void {
    this.#waiting.add(stream)
  }

  /** Call when the stream has sent an item, or sends no more. */
  delete(stream: WaitingStream): void {
    if (this.#waiting.size > 0) this.#waiting.delete(stream)
  }

  /** Called when there may be room. @returns whether a stream continues */
  goOn(): boolean {
    let any = false
    if (this.#waiting.size > 0 && this.hasRoom)
      for (const stream of this.#waiting) if (stream.wake()) any = true
    return any
  }
}
