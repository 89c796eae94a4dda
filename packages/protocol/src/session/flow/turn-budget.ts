import type { SessionLimits } from '../common/session-limits.ts'
import type { Turns, TurnUse, TurnWaiter } from '../common/turns.ts'

export interface TurnBudgetEvents {
  /** The session has used up its time: it handles and sends nothing more in this turn. */
  turnIsOver(): void
  /** Its next turn has come. */
  turnHasCome(): void
}

const bytesPerStep = 1024

/** The time of one session in each turn of the event loop: for envelopes that came, items and pieces that go out. */
export class TurnBudget implements TurnWaiter {
  readonly #turns: Turns
  readonly #limits: { readonly ms: number; readonly stepsMax: number }
  readonly #events: TurnBudgetEvents
  readonly #use: TurnUse = { turn: 0, beganAtMs: 0, steps: 0, cutShort: false }
  #isUsedUp = false
  #stopped = false
  #timesUsedUp = 0

  constructor(
    turns: Turns,
    { sessionTurnMs: ms, sessionTurnStepsMax: stepsMax }: SessionLimits,
    events: TurnBudgetEvents,
  ) {
    this.#turns = turns
    this.#limits = { ms, stepsMax }
    this.#events = events
  }

  /** Nothing may be begun until the next turn. */
  get isUsedUp(): boolean {
    return this.#isUsedUp
  }

  get timesUsedUp(): number {
    return this.#timesUsedUp
  }

  /** An envelope of this many bytes was handled or sent. */
  count(bytes: number): void {
    if (this.#turns.count(this.#use, 1 + Math.floor(bytes / bytesPerStep), this.#limits)) return
    if (this.#isUsedUp || this.#stopped) return
    this.#isUsedUp = true
    this.#timesUsedUp += 1
    this.#turns.wait(this, this.#use)
    this.#events.turnIsOver()
  }

  takeTurn(): void {
    this.#isUsedUp = false
    this.#events.turnHasCome()
  }

  /** The session ends: what it still does is cheap. */
  stop(): void {
    this.#stopped = true
    this.#isUsedUp = false
    this.#turns.leave(this)
  }
}
