import { immediately, immediatelyHere, nowMs } from '../platform/real-timers.ts'
import { TurnPace } from './turn-pace.ts'

export interface TurnWork {
  /** One gather, its batch and its flush. Returns whether there were any records. */
  turn(): boolean
  /** Requests a wake for the next completion; returns false if there is one already. */
  arm(): boolean
  /** Requests a wake now. */
  wakeNow(): void
  /** Whether an open resource keeps the process alive. */
  readonly holdsProcess: boolean
}

/**
 * What causes the next turn. `nothing`: no turn was ever requested. `wake`: the worker, when something completes.
 * `immediate`: the loop, in this round. `wakeNow`: a wake that was requested at once. `turning`: a turn is running, and
 * none follows yet.
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

/** `turnMoves[state]` with names that the compiler knows, because each turn checks this several times. */
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
 * When turns run: on a wake, then by setImmediate for as long as batches are not empty, so that timers and other
 * I/O get their share; then the loop sleeps. It sleeps only after a turn that found nothing, never in a wake's own
 * callback after a batch (the dispatcher would run up to a thousand of them before the loop goes round).
 *
 * A chain of immediates keeps the process alive, and an unref'd immediate does not keep the loop from sleeping over
 * it. A port that must not keep the process alive therefore continues by wakes alone: each sets an unref'd immediate,
 * which runs as soon as the poll phase that brought the wake is over.
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

  /** The worker saw completions, or a `wakeNow` arrived. */
  wake(): void {
    // A turn is scheduled or running already.
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

  /** Runs in the empty async context, as wakes and immediates do, so that it does not keep a user's callback alive. */
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
