import { limits } from '../limits.ts'

const { default: sendsMin } = limits.sendsGatheredMin

/**
 * Decides when the sends that a turn gathers leave: the first half as soon as it is there, and the rest at the end of the
 * turn. The peer then works on one half while this side works on the other; if a batch left as a whole, each side would
 * wait for the other one. The number of sends of a turn is unknown; the previous turn's number is the estimate.
 */
export class HalfBatch {
  #half: number = sendsMin
  #gathered = 0
  #sendsOfTurn = 0
  #goesRound = false
  #wentRound = false

  /** Counts one more send. Returns whether the gathered sends should leave now. */
  add(): boolean {
    this.#sendsOfTurn++
    return ++this.#gathered >= this.#half && !this.#wentRound
  }

  /**
   * A peer got another send after others in between: events to many, one after the other. Then all sends of a turn to one
   * peer leave as one send, which a half would split in two. While turns have this pattern, they are not halved.
   */
  goesRound(): void {
    this.#goesRound = true
  }

  /** The gathered sends have left. */
  left(): void {
    this.#gathered = 0
  }

  turnOver(): void {
    // Turns that only check for work do not predict the next one that sends.
    if (this.#sendsOfTurn === 0) return
    this.#half = Math.max(sendsMin, this.#sendsOfTurn >> 1)
    this.#sendsOfTurn = 0
    this.#wentRound = this.#goesRound
    this.#goesRound = false
  }
}
