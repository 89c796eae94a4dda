import { immediately, immediatelyHere, nowMs } from '../platform/real-timers.ts'
import { TurnPace } from './turn-pace.ts'

export interface TurnWork {
  /** One gather, its batch and its flush. Returns whether there was anything. */
  turn(): boolean
  /** Asks for a wake when something has completed; false when it has already. */
  arm(): boolean
  /** Asks for a wake now. */
  wakeNow(): void
  /** Whether something open keeps the process alive. */
  readonly holdsProcess: boolean
}

/**
 * What brings the next turn. `nothing`: it has never been asked for. `wake`: the worker, when something completes.
 * `immediate`: the loop, in this round. `wakeNow`: a wake that was asked for at once. `turning`: a turn runs, and none
 * follows yet.
 */
export type TurnState = 'nothing' | 'wake' | 'immediate' | 'wakeNow' | 'turning'

/** A late wake may come in every state: that of an arming which an immediate or a `wakeNow` has overtaken. */
export const turnMoves: Readonly<Record<TurnState, readonly TurnState[]>> = {
  nothing: ['immediate', 'wakeNow', 'turning'],
  wake: ['immediate', 'wakeNow', 'turning'],
  immediate: ['turning'],
  wakeNow: ['immediate', 'turning'],
  turning: ['wake', 'immediate', 'wakeNow'],
}

/** `turnMoves[state]` by names that the compiler knows: this is asked for at every turn, and several times. */
function movesFrom(state: TurnState): readonly TurnState[] {
  switch (state) {
    case 'nothing':
      return turnMoves.nothing
    case 'wake':
      return turnMoves.wake
    case 'immediate':
      return turnMoves.immediate
    case 'wakeNow':
      return turnMoves.wakeNow
    case 'turning':
      return turnMoves.turning
  }
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
  readonly #pace = new TurnPace()
  #state: TurnState = 'nothing'
  #asleepSinceMs = 0

  constructor(work: TurnWork) {
    this.#work = work
  }

  get state(): TurnState {
    return this.#state
  }

  /** The worker saw completions, or a `wakeNow` came back. */
  wake(): void {
    // Its turn is there already, or is coming.
    if (this.#state === 'immediate' || this.#state === 'turning') return
    if (!this.#work.holdsProcess) {
      this.#move('immediate')
      immediately(this.#run, false)
      return
    }
    this.#pace.woken(nowMs() - this.#asleepSinceMs)
    this.#turn()
  }

  /** There is work that no wake announces. */
  schedule(): void {
    this.#schedule(immediately)
  }

  #schedule(soon: typeof immediately): void {
    if (this.#state === 'immediate' || this.#state === 'wakeNow') return
    if (this.#work.holdsProcess) {
      this.#move('immediate')
      soon(this.#run, true)
    } else {
      this.#move('wakeNow')
      this.#work.wakeNow()
    }
  }

  readonly #run = (): void => this.#turn()

  /** In the empty async context, where wakes and immediates come: no callback of a user stays on after it. */
  #turn(): void {
    this.#move('turning')
    const found = this.#work.turn()
    if (!this.#work.holdsProcess) {
      this.#sleep()
    } else if (found) {
      this.#pace.found()
      this.#schedule(immediatelyHere)
    } else if (this.#pace.goesOnEmpty()) {
      this.#schedule(immediatelyHere)
    } else {
      this.#sleep()
    }
  }

  #sleep(): void {
    // The turn may have scheduled the next one itself.
    if (this.#state !== 'turning') return
    this.#asleepSinceMs = nowMs()
    if (this.#work.arm()) this.#move('wake')
    else this.#schedule(immediatelyHere)
  }

  #move(to: TurnState): void {
    if (!movesFrom(this.#state).includes(to))
      throw new Error(`a turn loop moved from ${this.#state} to ${to}`)
    this.#state = to
  }
}
