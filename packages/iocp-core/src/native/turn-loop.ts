/** Empty turns before sleeping while traffic is dense: about 50 µs, less than waking a sleeping loop costs. */
const emptyTurnsMax = 20
/** A wake this soon after going to sleep would have been cheaper to wait for. */
const closeWakeMs = 0.1
/** So many close wakes in a row make traffic dense. */
const closeWakesMin = 3

export interface TurnWork {
  /** One gather, its batch and its flush. Returns whether there was anything. */
  turn(): boolean
  /** Asks for a wake when something has completed; false when it has already. */
  arm(): boolean
  /** Asks for a wake now. */
  poke(): void
  /** Whether something open keeps the process alive. */
  readonly holdsProcess: boolean
}

/**
 * When turns happen: on a wake, then by setImmediate for as long as batches are not empty, so that timers and other
 * I/O have their share; then sleep. Sleep is asked for only after a turn that found nothing, never in a wake's own
 * callback after a batch (the dispatcher would run up to a thousand of them before the loop goes round).
 *
 * A chain of immediates keeps the process alive, and an unref'd immediate does not keep the loop from sleeping over
 * it. A port that must not hold the process therefore goes on by wakes alone: each sets an unref'd immediate, which
 * runs as soon as the poll phase that brought the wake is over.
 */
export class TurnLoop {
  readonly #work: TurnWork
  #next: NodeJS.Immediate | undefined
  #poked = false
  #emptyTurns = 0
  #dense = false
  #closeWakes = 0
  #armedAtMs = 0

  constructor(work: TurnWork) {
    this.#work = work
  }

  /** The worker saw completions, or a poke came back. */
  wake(): void {
    this.#poked = false
    if (this.#next !== undefined) return
    if (!this.#work.holdsProcess) {
      this.#next = setImmediate(this.#run).unref()
      return
    }
    this.#closeWakes = performance.now() - this.#armedAtMs < closeWakeMs ? this.#closeWakes + 1 : 0
    if (this.#closeWakes >= closeWakesMin) this.#dense = true
    this.#turn()
  }

  /** There is work that no wake announces. */
  schedule(): void {
    if (this.#next !== undefined || this.#poked) return
    if (this.#work.holdsProcess) {
      this.#next = setImmediate(this.#run)
    } else {
      this.#poked = true
      this.#work.poke()
    }
  }

  readonly #run = (): void => {
    this.#next = undefined
    this.#turn()
  }

  #turn(): void {
    const found = this.#work.turn()
    if (!this.#work.holdsProcess) {
      this.#sleep()
    } else if (found) {
      this.#emptyTurns = 0
      this.schedule()
    } else if (this.#dense && this.#emptyTurns < emptyTurnsMax) {
      this.#emptyTurns++
      this.schedule()
    } else {
      if (this.#emptyTurns > 0) this.#becomeSparse()
      this.#sleep()
    }
  }

  /** A whole round of empty turns brought nothing: waiting awake does not pay. */
  #becomeSparse(): void {
    this.#dense = false
    this.#closeWakes = 0
    this.#emptyTurns = 0
  }

  #sleep(): void {
    // The turn may have scheduled the next one itself.
    if (this.#next !== undefined || this.#poked) return
    this.#armedAtMs = performance.now()
    if (!this.#work.arm()) this.schedule()
  }
}
