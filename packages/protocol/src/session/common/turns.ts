import { inMicrotask } from '@frameport/framing/checks'
import type { SessionEnvironment } from './session-environment.ts'

/** Steps of all sessions after which a turn is worth measuring: below them no clock is read. */
const stepsUnmeasured = 1_024

/**
 * The part of a turn for sessions that waited for it, before the rest of them wait for the next turn. The other part is
 * for work that they started and that continues later in the turn, and for sessions that did not wait.
 */
const partForWaiters = 1 / 4

/**
 * The part of earlier work that still counts in each turn. It remembers a tenth of a second of busy turns, so that a
 * session that waits long does not count as idle.
 */
const keptPerTurn = 0.9

/** The use of turns by one session. */
export interface TurnUse {
  /** The last turn in which it did anything. */
  turn: number
  /** In that turn, in milliseconds: the time between two of its steps with no step of another session in between. */
  usedMs: number
  steps: number
  /** The steps of that turn and earlier ones; each turn weighs a tenth less than the one after it. */
  recentSteps: number
}

/** The use of a session that has done nothing yet. */
export function nothingUsed(): TurnUse {
  return { turn: 0, usedMs: 0, steps: 0, recentSteps: 0 }
}

/** A session whose time in this turn is used up. */
export interface TurnWaiter {
  readonly use: TurnUse
  /** Sessions of one share count together: a peer with a hundred connections is one peer. */
  readonly share: string | undefined
  /** Its turn has come. Its work may follow in microtasks. */
  takeTurn(): void
}

export interface TurnsOptions {
  readonly environment: SessionEnvironment
  /** The time that all sessions together may use in one turn of the event loop, in milliseconds. */
  readonly turnMs: number
  /** Steps of all sessions together in one turn. */
  readonly turnStepsMax: number
}

/**
 * Divides each turn of the event loop among sessions, so that neither one nor all of them delay timers and other
 * sockets. A session that has used up its time continues in a later turn; those whose share was least active recently
 * come first: a session with a few calls does not wait behind a hundred busy ones. The busy ones get their turn, too,
 * because earlier work weighs a tenth less with each turn.
 *
 * A turn is measured only when it is busy: in a quiet one, each step costs an addition.
 */
export class Turns {
  readonly #environment: SessionEnvironment
  readonly #turnMs: number
  readonly #turnStepsMax: number
  /** The waiting sessions, in order of arrival. */
  readonly #waiting = new Set<TurnWaiter>()
  /** The waiting sessions that may continue in this turn, the last one first. */
  #ready: TurnWaiter[] = []
  /** The number of the turn that is measured. */
  #turn = 0
  #measured = false
  #beganAtMs = 0
  #steps = 0
  /** The session of the last measured step, and its time. */
  #last: TurnUse | undefined
  #lastAtMs = 0

  constructor({ environment, turnMs, turnStepsMax }: TurnsOptions) {
    this.#environment = environment
    this.#turnMs = turnMs
    this.#turnStepsMax = turnStepsMax
  }

  /** Sessions that wait for a turn. */
  get waiting(): number {
    return this.#waiting.size
  }

  /**
   * Counts work that a session has done. False if its time, or that of all sessions, is used up.
   *
   * @param limits of the session: milliseconds and steps in one turn
   */
  count(use: TurnUse, steps: number, limits: { readonly ms: number; readonly stepsMax: number }): boolean {
    this.#steps += steps
    if (!this.#measured) {
      if (this.#steps < stepsUnmeasured) return true
      this.#measure()
    }
    const nowMs = this.#environment.nowMs()
    if (use.turn !== this.#turn) {
      use.recentSteps = recentSteps(use, this.#turn)
      use.turn = this.#turn
      use.usedMs = 0
      use.steps = 0
    }
    use.steps += steps
    use.recentSteps += steps
    if (use === this.#last) use.usedMs += nowMs - this.#lastAtMs
    this.#last = use
    this.#lastAtMs = nowMs
    return use.steps <= limits.stepsMax && use.usedMs <= limits.ms && this.#isLeft(nowMs)
  }

  /** Whether all sessions together have used up the turn that runs. */
  get isUsedUp(): boolean {
    return this.#measured && !this.#isLeft(this.#environment.nowMs())
  }

  /** Calls `takeTurn` of this session in a later turn, once. */
  wait(waiter: TurnWaiter): void {
    this.#waiting.add(waiter)
    if (!this.#measured) this.#measure()
  }

  leave(waiter: TurnWaiter): void {
    this.#waiting.delete(waiter)
  }

  #isLeft(nowMs: number, part = 1): boolean {
    return this.#steps <= this.#turnStepsMax * part && nowMs - this.#beganAtMs <= this.#turnMs * part
  }

  #measure(): void {
    this.#measured = true
    this.#turn += 1
    this.#last = undefined
    this.#beganAtMs = this.#environment.nowMs()
    nextTurn(this.#environment, () => this.#nextTurn())
  }

  #nextTurn(): void {
    this.#measured = false
    this.#steps = 0
    // A session that has ended must not be kept in memory.
    this.#ready = []
    if (this.#waiting.size === 0) return
    this.#measure()
    this.#ready = inOrder(this.#waiting, this.#turn).reverse()
    this.#letOneGo(this.#turn)
  }

  /** Lets the waiting sessions continue one after the other, each after the synchronous work of the previous one. */
  #letOneGo(turn: number): void {
    if (turn !== this.#turn) return
    let next = this.#ready.pop()
    while (next !== undefined && !this.#waiting.has(next)) next = this.#ready.pop()
    if (next === undefined) return
    this.#waiting.delete(next)
    next.takeTurn()
    inMicrotask(() => {
      if (this.#isLeft(this.#environment.nowMs(), partForWaiters)) this.#letOneGo(turn)
    })
  }
}

/** Sorts first by the recent work of the share, then by that of the session. */
function inOrder(waiters: Iterable<TurnWaiter>, turn: number): TurnWaiter[] {
  const ofShares = new Map<unknown, number>()
  const lines = Array.from(waiters, (waiter) => {
    const key = waiter.share ?? waiter
    const own = recentSteps(waiter.use, turn)
    ofShares.set(key, (ofShares.get(key) ?? 0) + own)
    return { waiter, key, own }
  })
  lines.sort((a, b) => ofShares.get(a.key)! - ofShares.get(b.key)! || a.own - b.own)
  return lines.map(({ waiter }) => waiter)
}

function recentSteps({ turn, recentSteps }: TurnUse, now: number): number {
  return recentSteps * keptPerTurn ** (now - turn)
}

/** Calls back in a later turn of the event loop. */
export function nextTurn(environment: SessionEnvironment, callback: () => void): void {
  if (environment.nextTurn === undefined) environment.setTimer(0, callback)
  else environment.nextTurn(callback)
}
