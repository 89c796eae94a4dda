/** Empty turns before sleeping while traffic is dense: about 50 µs, less than waking a sleeping loop costs. */
const emptyTurnsMax = 20
/** A wake this soon after going to sleep would have been cheaper to wait for. */
const closeWakeMs = 0.1
/** So many close wakes in a row make traffic dense. */
const closeWakesMin = 3

export interface TurnWork {
  /** One gather, its batch and its flush. Returns whether there was anything. */
  turn(): boolean
  /** Asks for a wake; false when there is work already. */
  arm(): boolean
  /** Whether something open keeps the process alive. */
  readonly holdsProcess: boolean
}

/**
 * When turns happen: on a wake, then by setImmediate for as long as batches are not empty, so that timers and other
 * I/O have their share; then sleep. Sleep is asked for only after a turn that found nothing, never in a wake's own
 * callback after a batch (the dispatcher would run up to a thousand of them before the loop goes round).
 */
export class TurnLoop {
  readonly #work: TurnWork
  #scheduled = false
  #emptyTurns = 0
  #dense = false
  #closeWakes = 0
  #armedAtMs = 0

  constructor(work: TurnWork) {
    this.#work = work
  }

  /** The worker saw completions. */
  wake(): void {
    this.#closeWakes = performance.now() - this.#armedAtMs < closeWakeMs ? this.#closeWakes + 1 : 0
    if (this.#closeWakes >= closeWakesMin) this.#dense = true
    // A turn that is scheduled already runs right after the poll phase this comes from.
    if (!this.#scheduled) this.#turn()
  }

  /** There is work that no wake announces. */
  schedule(): void {
    if (this.#scheduled) return
    this.#scheduled = true
    setImmediate(this.#run)
  }

  readonly #run = (): void => {
    this.#scheduled = false
    this.#turn()
  }

  #turn(): void {
    if (this.#work.turn()) {
      this.#emptyTurns = 0
      this.#continue()
    } else if (this.#dense && this.#emptyTurns < emptyTurnsMax) {
      this.#emptyTurns++
      this.#continue()
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

  #continue(): void {
    if (this.#scheduled) return
    // An immediate that holds nothing does not keep the loop from sleeping either: a wake must end that sleep.
    if (this.#work.holdsProcess || !this.#work.arm()) {
      this.schedule()
    } else {
      this.#scheduled = true
      setImmediate(this.#run).unref()
    }
  }

  #sleep(): void {
    // The turn may have scheduled the next one itself.
    if (this.#scheduled) return
    this.#armedAtMs = performance.now()
    if (!this.#work.arm()) this.schedule()
  }
}
