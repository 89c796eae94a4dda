import { limits } from '../limits.ts'

const { default: sendsMin } = limits.sendsGatheredMin

/**
 * When the sends that a turn gathers leave: the first half of them as soon as it is there, and the rest when the turn is
 * over. The peer then works on the one half while this side works on the other; gathered whole, a batch has each side
 * wait for the other one. How many a turn will have is not known: it is taken to be as many as the last one had.
 */
export class HalfBatch {
  #half: number = sendsMin
  #gathered = 0
  #sendsOfTurn = 0
  #goesRound = false
  #wentRound = false

  /** One more send. Returns whether what is gathered is to leave now. */
  add(): boolean {
    this.#sendsOfTurn++
    return ++this.#gathered >= this.#half && !this.#wentRound
  }

  /**
   * A peer is sent to again, and others were in between: events to many, one behind the other. What a turn has for one
   * peer leaves as one send then, and a half would be two. As long as turns are so, they are not halved.
   */
  goesRound(): void {
    this.#goesRound = true
  }

  /** What was gathered has left. */
  left(): void {
    this.#gathered = 0
  }

  turnOver(): void {
    // Turns that only look whether there is something say nothing of the next one that sends.
    if (this.#sendsOfTurn === 0) return
    this.#half = Math.max(sendsMin, this.#sendsOfTurn >> 1)
    this.#sendsOfTurn = 0
    this.#wentRound = this.#goesRound
    this.#goesRound = false
  }
}
