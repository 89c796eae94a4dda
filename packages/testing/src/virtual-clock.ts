import { callReporting, onLateFailure, reportUncaught } from '@frameport/framing/checks'
import { describeValue, isDuration, wrongKind } from '@frameport/protocol/checks'
import type { SessionEnvironment, SessionTimer } from '@frameport/protocol/session'
import { checkedSeed, wholeNumber } from './chunking.ts'
import { describeForgotten, describeTimers, type LiveTimer } from './describe-timers.ts'
import { Heap, type HeapItem, notInHeap } from './heap.ts'
import { limits } from './limits.ts'
import { seededRandom } from './seeded-random.ts'
import { checked, optionsOf, refuse, TestingError } from './testing-error.ts'
import { clockUsed, type WatchedClock } from './time-watch.ts'
import { nextTask } from './turn.ts'

export interface VirtualClockOptions {
  /** What `nowMs()` says at first. Default 0. */
  readonly startMs?: number | undefined
  /** Seed of `random()`. Default 1. */
  readonly seed?: number | undefined
  /**
   * Told once, with a text for people, when timers or turns wait for this clock and nobody has used it, or another one after
   * it, for {@link limits} `forgottenAfterMs` of real time: a test that awaits what waits for them never ends. Default: a
   * warning on the console.
   */
  readonly onForgotten?: ((text: string) => void) | undefined
}

/**
 * Time that moves only when a test says so. Hand it to a session, a client or a server as `environment`.
 *
 * Timers fire in the order of their due time, those of one moment in the order they were set, and everything that
 * was queued as a microtask runs before the next one: a run depends on nothing but the program and the seed.
 */
export interface VirtualClock extends SessionEnvironment {
  /** Those that live, soonest first. */
  readonly timers: readonly LiveTimer[]
  /** The live timers, one line each; see `assertQuiet`. */
  leftOvers(): readonly string[]
  /** Runs what is queued as microtasks, and the turns of the loop that were asked for by `nextTurn`, as many as {@link limits} `settleTurnsMax`; time stands still. */
  settle(): Promise<void>
  /** Moves time by `ms`, firing what comes due on the way. Rejects with what a timer's callback throws or rejects with. */
  advance(ms: number): Promise<void>
  /**
   * Fires timers until none is left.
   *
   * @throws TestingError `NEVER_IDLE` after {@link limits} `idleTimeMaxMs` or `idleTimersMax`.
   */
  runUntilIdle(options?: {
    readonly timeMaxMs?: number | undefined
    readonly timersMax?: number | undefined
  }): Promise<void>
  /**
   * Moves time only as far as `promise` needs, and returns what it settles to.
   *
   * @throws TestingError `STUCK` when no timer is left that could settle it, `NEVER_IDLE` after `timeMaxMs`.
   */
  until<T>(promise: PromiseLike<T>, options?: { readonly timeMaxMs?: number | undefined }): Promise<T>
}

interface Timer extends LiveTimer, HeapItem {
  readonly order: number
  readonly callback: () => void
}

/**
 * Makes a {@link VirtualClock}.
 *
 * @throws TestingError `INVALID_OPTION`
 */
export function createVirtualClock(options: VirtualClockOptions = {}): VirtualClock {
  return new Clock(options)
}

class Clock implements VirtualClock, WatchedClock {
  readonly random: () => number
  readonly #onForgotten: (text: string) => void
  #wasForgotten = false
  #nowMs: number
  #order = 0
  #turns: (() => void)[] = []
  readonly #timers = new Heap<Timer>(isSooner)
  /** What callbacks rejected with and nobody was given yet. */
  readonly #failures: unknown[] = []

  constructor(options: VirtualClockOptions) {
    const {
      startMs = 0,
      seed = 1,
      onForgotten = warn,
    } = optionsOf(options, ['startMs', 'seed', 'onForgotten'])
    refuse(Number.isFinite(startMs) ? undefined : `startMs is ${describeValue(startMs)}, not a finite number`)
    checked(() => refuse(wrongKind('onForgotten', onForgotten, 'function')))
    this.#nowMs = startMs
    this.#onForgotten = onForgotten
    this.random = seededRandom(checkedSeed('seed', seed))
  }

  nowMs(): number {
    return this.#nowMs
  }

  setTimer(delayMs: number, callback: () => void): SessionTimer {
    // As the timers of every platform do: what is not a positive number is due now.
    const delay = delayMs > 0 ? delayMs : 0
    const timer: Timer = {
      dueAtMs: this.#nowMs + delay,
      setAtMs: this.#nowMs,
      name: callback.name === '' ? 'anonymous' : callback.name,
      order: this.#order++,
      callback,
      heapIndex: notInHeap,
    }
    this.#timers.add(timer)
    this.#used()
    return {
      cancel: () => {
        this.#timers.remove(timer)
        this.#used()
      },
    }
  }

  nextTurn(callback: () => void): void {
    this.#turns.push(callback)
    this.#used()
  }

  randomBytes(length: number): Uint8Array {
    return Uint8Array.from({ length }, () => Math.floor(this.random() * 256))
  }

  get timers(): readonly LiveTimer[] {
    return this.#timers
      .toArray()
      .sort((a, b) => (isSooner(a, b) ? -1 : 1))
      .map(({ dueAtMs, setAtMs, name }) => ({ dueAtMs, setAtMs, name }))
  }

  leftOvers(): readonly string[] {
    return this.timers.map(({ name, dueAtMs }) => `the timer ${name}, due at ${dueAtMs} ms`)
  }

  forgotten(): void {
    this.#wasForgotten = true
    callReporting(() => this.#onForgotten(describeForgotten(this.timers, this.#turns.length)), reportUncaught)
  }

  settle(): Promise<void> {
    return this.#move(() => this.#turn())
  }

  advance(ms: number): Promise<void> {
    return this.#move(() => this.#advance(ms))
  }

  async #advance(ms: number): Promise<void> {
    if (!(ms >= 0 && Number.isFinite(ms))) {
      throw new TestingError(
        'INVALID_OPTION',
        `The argument of advance() is ${describeValue(ms)}, not a finite number of 0 or more.`,
      )
    }
    const targetMs = this.#nowMs + ms
    await this.#turn()
    while (this.#fireNext(targetMs)) await this.#turn()
    this.#nowMs = Math.max(this.#nowMs, targetMs)
  }

  runUntilIdle(
    options: { timeMaxMs?: number | undefined; timersMax?: number | undefined } = {},
  ): Promise<void> {
    return this.#move(() => this.#runUntilIdle(options))
  }

  async #runUntilIdle(options: {
    timeMaxMs?: number | undefined
    timersMax?: number | undefined
  }): Promise<void> {
    const { timeMaxMs = limits.idleTimeMaxMs, timersMax = limits.idleTimersMax } = optionsOf(options, [
      'timeMaxMs',
      'timersMax',
    ])
    wholeNumber('timersMax', timersMax, 0)
    const targetMs = this.#nowMs + checkedMs('timeMaxMs', timeMaxMs)
    await this.#turn()
    for (let fired = 0; this.#timers.size > 0; fired++) {
      if (fired >= timersMax || !this.#fireNext(targetMs)) {
        throw new TestingError('NEVER_IDLE', describeTimers(this.timers))
      }
      await this.#turn()
    }
  }

  until<T>(promise: PromiseLike<T>, options: { timeMaxMs?: number | undefined } = {}): Promise<T> {
    return this.#move(() => this.#until(promise, options))
  }

  async #until<T>(promise: PromiseLike<T>, options: { timeMaxMs?: number | undefined }): Promise<T> {
    const { timeMaxMs = limits.idleTimeMaxMs } = optionsOf(options, ['timeMaxMs'])
    const targetMs = this.#nowMs + checkedMs('timeMaxMs', timeMaxMs)
    let settled = false
    const mark = () => {
      settled = true
    }
    promise.then(mark, mark)
    await this.#turn()
    for (let fired = 0; !settled; fired++) {
      if (this.#timers.size === 0) throw new TestingError('STUCK')
      if (fired >= limits.idleTimersMax || !this.#fireNext(targetMs)) {
        throw new TestingError('NEVER_IDLE', describeTimers(this.timers))
      }
      await this.#turn()
    }
    return promise
  }

  /** Runs what moves time. */
  async #move<Result>(run: () => Promise<Result>): Promise<Result> {
    this.#used()
    try {
      return await run()
    } finally {
      this.#used()
    }
  }

  #used(): void {
    clockUsed(this, !this.#wasForgotten && (this.#timers.size > 0 || this.#turns.length > 0))
  }

  /** Fires the soonest timer that is due by `targetMs`; false when there is none. */
  #fireNext(targetMs: number): boolean {
    const next = this.#timers.first
    if (next === undefined || next.dueAtMs > targetMs) return false
    this.#timers.remove(next)
    this.#nowMs = Math.max(this.#nowMs, next.dueAtMs)
    this.#used()
    onLateFailure(next.callback(), (error) => this.#failures.push(error))
    return true
  }

  /** Runs what is queued, turn after turn, and passes on what a callback has rejected with meanwhile. */
  async #turn(): Promise<void> {
    await nextTask()
    for (let turn = 0; this.#turns.length > 0 && turn < limits.settleTurnsMax; turn++) {
      const turns = this.#turns
      this.#turns = []
      for (const callback of turns) onLateFailure(callback(), (error) => this.#failures.push(error))
      await nextTask()
    }
    if (this.#failures.length > 0) throw this.#failures.shift()
  }
}

/** By due time, then in the order of setting. */
function isSooner(a: Timer, b: Timer): boolean {
  return a.dueAtMs === b.dueAtMs ? a.order < b.order : a.dueAtMs < b.dueAtMs
}

/** A duration as an option gives it; Infinity means without end. */
function checkedMs(option: string, value: number): number {
  if (isDuration(value)) return value
  throw new TestingError('INVALID_OPTION', `${option} is ${describeValue(value)}, not a number of 0 or more.`)
}

function warn(text: string): void {
  const { console } = globalThis as unknown as { readonly console: { warn(text: string): void } }
  console.warn(text)
}
