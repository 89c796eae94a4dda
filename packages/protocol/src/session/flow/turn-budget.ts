import type { SessionLimits } from '../common/session-limits.ts'
import type { SessionShare } from '../common/session-share.ts'
import { nothingUsed, type Turns, type TurnWaiter } from '../common/turns.ts'

export interface TurnBudgetEvents {
  /** The session has used up its time: it handles and sends nothing more in this turn. */
  turnIsOver(): void
  /** The next turn of the session has come. */
  turnHasCome(): void
}

const bytesPerStep = 1024

/** The steps for bytes that are read at once, up to 64 KiB: they may be copied, and contain no frame. */
const stepsPerChunk = 8

/** The steps for a call in addition to its envelope: its handler continues in microtasks, which are not measured. */
const stepsPerCall = 32

/** The same for a sent item, and the code that yields the next one. */
const stepsPerItem = 16

/**
 * The time of one session in each turn of the event loop, for received envelopes and for items and pieces that are
 * sent.
 */
export class TurnBudget implements TurnWaiter {
  readonly use = nothingUsed()
  readonly #turns: Turns
  /** The limits of one turn. */
  readonly limits: { readonly ms: number; readonly stepsMax: number }
  readonly #events: TurnBudgetEvents
  readonly #share: SessionShare | undefined
  #isUsedUp = false
  #stopped = false
  #timesUsedUp = 0

  constructor(
    turns: Turns,
    { sessionTurnMs: ms, sessionTurnStepsMax: stepsMax }: SessionLimits,
    events: TurnBudgetEvents,
    share: SessionShare | undefined,
  ) {
    this.#turns = turns
    this.limits = { ms, stepsMax }
    this.#events = events
    this.#share = share
  }

  get share(): string | undefined {
    return this.#share?.key
  }

  /** Whether the session may start long work. If others have used up the turn, it gets its turn later. */
  mayGoOn(): boolean {
    if (!this.#isUsedUp && this.#turns.isUsedUp) this.#wait()
    return !this.#isUsedUp
  }

  /** True if no work may start until the next turn. */
  get isUsedUp(): boolean {
    return this.#isUsedUp
  }

  get timesUsedUp(): number {
    return this.#timesUsedUp
  }

  /**
   * Bytes have arrived, which may contain frames. They wait if the turn is used up for all sessions: otherwise each of
   * a thousand sessions would handle one.
   */
  countChunk(): void {
    this.#count(stepsPerChunk)
  }

  /** An envelope of this many bytes was handled or sent. */
  count(bytes: number): void {
    this.#count(1 + Math.floor(bytes / bytesPerStep))
  }

  /** An answer with a body of this many bytes was encoded. A short one was counted with its call. */
  countAnswer(bytes: number): void {
    if (bytes >= bytesPerStep) this.#count(Math.floor(bytes / bytesPerStep))
  }

  /** An item, or the first piece of one, was sent with this many bytes. */
  countItem(bytes: number): void {
    this.#count(stepsPerItem + Math.floor(bytes / bytesPerStep))
  }

  /** The peer has ended, in order or not: the session follows. */
  countEnd(): void {
    this.#count(stepsPerCall)
  }

  /** The handler of a call has begun. */
  countCall(): void {
    this.#count(stepsPerCall)
  }

  takeTurn(): void {
    this.#isUsedUp = false
    this.#events.turnHasCome()
  }

  /** The connection is gone. */
  stop(): void {
    this.#stopped = true
    this.#isUsedUp = false
    this.#turns.leave(this)
  }

  #count(steps: number): void {
    if (!this.#turns.count(this.use, steps, this.limits)) this.#wait()
  }

  #wait(): void {
    if (this.#isUsedUp || this.#stopped) return
    this.#isUsedUp = true
    this.#timesUsedUp += 1
    this.#turns.wait(this)
    this.#events.turnIsOver()
  }
}
