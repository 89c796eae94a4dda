import type { SessionEnvironment } from './session-environment.ts'

/** Steps of all sessions after which a turn is worth measuring: below them no clock is read. */
const stepsUnmeasured = 32

/** What one session has used of the turn that runs. */
export interface TurnUse {
  turn: number
  beganAtMs: number
  steps: number
  /** It was stopped because all sessions had used up the turn, and has not had its own time: it goes on first. */
  cutShort: boolean
}

/** A session whose time in this turn is used up. */
export interface TurnWaiter {
  /** It is its turn again. What it does may follow in microtasks. */
  takeTurn(): void
}

export interface TurnsOptions {
  readonly environment: SessionEnvironment
  /** How long all sessions together may work in one turn of the event loop, in milliseconds. */
  readonly turnMs: number
}

/**
 * Shares each turn of the event loop among sessions, so that none of them, and not all together, keep timers and other
 * sockets waiting. Whoever has used up its time goes on in a later turn, in the order in which they came to wait.
 *
 * A turn is measured only when it is busy: in a quiet one each step costs an addition.
 */
export class Turns {
  readonly #environment: SessionEnvironment
  readonly #turnMs: number
  /** Those that came to wait in the turn that runs. */
  readonly #waiting = new Set<TurnWaiter>()
  /** Of those that came to wait in it: those that were cut short. */
  readonly #cutShort = new Set<TurnWaiter>()
  /** Those that waited when it began, and have not had their turn. */
  #ready = new Set<TurnWaiter>()
  /** The number of the turn that is measured. */
  #turn = 0
  #measured = false
  #beganAtMs = 0
  #steps = 0

  constructor({ environment, turnMs }: TurnsOptions) {
    this.#environment = environment
    this.#turnMs = turnMs
  }

  /** Sessions that wait for a turn. */
  get waiting(): number {
    return this.#cutShort.size + this.#ready.size + this.#waiting.size
  }

  /**
   * Counts what a session has just done. False when its time, or that of all, is used up.
   *
   * @param limits of the session: milliseconds and steps in one turn
   */
  count(use: TurnUse, steps: number, limits: { readonly ms: number; readonly stepsMax: number }): boolean {
    if (!this.#measured) {
      this.#steps += steps
      if (this.#steps < stepsUnmeasured) return true
      this.#measure()
    }
    const nowMs = this.#environment.nowMs()
    if (use.turn !== this.#turn) {
      use.turn = this.#turn
      use.beganAtMs = nowMs
      use.steps = 0
    }
    use.steps += steps
    if (use.steps > limits.stepsMax || nowMs - use.beganAtMs > limits.ms) {
      use.cutShort = false
      return false
    }
    use.cutShort = nowMs - this.#beganAtMs > this.#turnMs
    return !use.cutShort
  }

  /** Calls `takeTurn` of this session in a later turn, once. */
  wait(waiter: TurnWaiter, { cutShort }: Pick<TurnUse, 'cutShort'>): void {
    if (cutShort) this.#cutShort.add(waiter)
    else this.#waiting.add(waiter)
    if (!this.#measured) this.#measure()
  }

  leave(waiter: TurnWaiter): void {
    for (const line of [this.#cutShort, this.#ready, this.#waiting]) line.delete(waiter)
  }

  #measure(): void {
    this.#measured = true
    this.#turn += 1
    this.#beganAtMs = this.#environment.nowMs()
    nextTurn(this.#environment, () => this.#nextTurn())
  }

  #nextTurn(): void {
    this.#measured = false
    this.#steps = 0
    if (this.waiting === 0) return
    this.#ready = new Set([...this.#cutShort, ...this.#ready, ...this.#waiting])
    this.#cutShort.clear()
    this.#waiting.clear()
    this.#measure()
    this.#letOneGo(this.#turn)
  }

  /** One after the other, each after what the one before has done at once. Who comes too late is the first next time. */
  #letOneGo(turn: number): void {
    const [next] = this.#ready
    if (next === undefined || turn !== this.#turn) return
    this.#ready.delete(next)
    next.takeTurn()
    queueMicrotask(() => {
      if (this.#environment.nowMs() - this.#beganAtMs <= this.#turnMs) this.#letOneGo(turn)
    })
  }
}

/** Calls back in a later turn of the event loop. */
export function nextTurn(environment: SessionEnvironment, callback: () => void): void {
  if (environment.nextTurn === undefined) environment.setTimer(0, callback)
  else environment.nextTurn(callback)
}
