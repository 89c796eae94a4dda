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

/** Options of {@link createVirtualClock}. */
export interface VirtualClockOptions {
  /** The initial value of `nowMs()`. Default 0. */
  readonly startMs?: number | undefined
  /** The seed of `random()` and `randomBytes()`, an integer. Default 1. */
  readonly seed?: number | undefined
  /**
   * Called once with a message if timers or `nextTurn` callbacks wait for this clock, no virtual clock was used for 1 s of real time, and this one was
   * used last. A test that awaits them would hang. Default: a warning on the console.
   */
  readonly onForgotten?: ((text: string) => void) | undefined
}

/**
 * A clock whose time moves only when a test moves it. Give it to a session, a client or a server as `environment`.
 *
 * Timers fire in the order of their due times, and timers of the same time in the order in which they were set. All microtasks run before the next timer. So
 * a run depends only on the program and the seed.
 */
export interface VirtualClock extends SessionEnvironment {
  /** The live timers, soonest first. */
  readonly timers: readonly LiveTimer[]
  /** Lists the live timers, one line each, for {@link assertQuiet}. */
  leftOvers(): readonly string[]
  /** Runs all microtasks and `nextTurn` callbacks, in at most 100 turns of the event loop. Time does not move. */
  settle(): Promise<void>
  /**
   * Moves time by `ms` milliseconds and fires the timers that become due. Rejects with the error of a callback that throws or rejects.
   *
   * @throws TestingError rejects with `INVALID_OPTION` if `ms` is not a finite number of 0 or more
   */
  advance(ms: number): Promise<void>
  /**
   * Fires timers until none is left.
   *
   * @param options.timeMaxMs the limit of virtual time, in milliseconds. Default 3,600,000 (an hour)
   * @param options.timersMax the limit of fired timers. Default 100,000
   * @throws TestingError rejects with `NEVER_IDLE` at one of the limits, `INVALID_OPTION`
   */
  runUntilIdle(options?: {
    readonly timeMaxMs?: number | undefined
    readonly timersMax?: number | undefined
  }): Promise<void>
  /**
   * Moves time only until `promise` settles, and settles like it.
   *
   * @example
   * const sum = await clock.until(client.add({ a: 1, b: 2 }))
   *
   * @param options.timeMaxMs the limit of virtual time, in milliseconds. Default 3,600,000 (an hour)
   * @throws TestingError rejects with `STUCK` if no timer is left that could settle the promise, `NEVER_IDLE` after `timeMaxMs` or 100,000
   *   timers, `INVALID_OPTION`
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
 * @example
 * const clock = createVirtualClock()
 * clock.setTimer(10_000, () => console.log('fired'))
 * await clock.advance(10_000)
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
  /** Errors of callbacks that were not reported yet. */
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
    // Like the timers of every platform: a delay that is not a positive number counts as 0.
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

  /** Runs a function that moves time. */
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

  /** Fires the soonest timer that is due by `targetMs`. Returns false if there is none. */
  #fireNext(targetMs: number): boolean {
    const next = this.#timers.first
    if (next === undefined || next.dueAtMs > targetMs) return false
    this.#timers.remove(next)
    this.#nowMs = Math.max(this.#nowMs, next.dueAtMs)
    this.#used()
    onLateFailure(next.callback(), (error) => this.#failures.push(error))
    return true
  }

  /** Runs queued callbacks, turn after turn, and throws the error of a callback that has rejected meanwhile. */
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

/** A duration of an option. Infinity means no limit. */
function checkedMs(option: string, value: number): number {
  if (isDuration(value)) return value
  throw new TestingError('INVALID_OPTION', `${option} is ${describeValue(value)}, not a number of 0 or more.`)
}

function warn(text: string): void {
  const { console } = globalThis as unknown as { readonly console: { warn(text: string): void } }
  console.warn(text)
}
