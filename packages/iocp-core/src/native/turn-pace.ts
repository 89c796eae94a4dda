/** Empty turns before sleeping while traffic is dense: about 50 µs, less than waking a sleeping loop costs. */
const emptyTurnsMax = 20
/** A wake this soon after going to sleep would have been cheaper to wait for. */
const closeWakeMs = 0.1
/** This many close wakes in a row make traffic dense. */
const closeWakesMin = 3

/**
 * `sparse`: the loop sleeps after a turn that finds nothing. `dense`: it makes more turns first, because the last wakes
 * came soon. One such round without a result makes it sparse again.
 */
type Pace =
  | { readonly kind: 'sparse'; readonly closeWakes: number }
  | { readonly kind: 'dense'; readonly emptyTurns: number }

const sparse: Pace = { kind: 'sparse', closeWakes: 0 }
const dense: Pace = { kind: 'dense', emptyTurns: 0 }

/** Whether staying awake pays. */
export class TurnPace {
  #pace: Pace = sparse

  get kind(): Pace['kind'] {
    return this.#pace.kind
  }

  /** Notes how long a sleep lasted. */
  woken(afterMs: number): void {
    if (this.#pace.kind === 'dense') return
    const closeWakes = afterMs < closeWakeMs ? this.#pace.closeWakes + 1 : 0
    this.#pace = closeWakes < closeWakesMin ? { kind: 'sparse', closeWakes } : dense
  }

  /** A turn found something. */
  found(): void {
    if (this.#pace.kind === 'dense') this.#pace = dense
  }

  /** A turn found nothing. Returns whether another one should follow at once. */
  goesOnEmpty(): boolean {
    if (this.#pace.kind === 'sparse') return false
    const emptyTurns = this.#pace.emptyTurns + 1
    this.#pace = emptyTurns <= emptyTurnsMax ? { kind: 'dense', emptyTurns } : sparse
    return this.#pace.kind === 'dense'
  }
}
