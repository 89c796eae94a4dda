import { timerMsMax } from '@frameport/protocol/checks'
import type { SessionEnvironment, SessionTimer } from '@frameport/protocol/session'
import type { ReconnectSettings } from '../reconnect-types.ts'
import { firstDelayMs, noEarlierThan, reconnectDelayMs } from './reconnect-delay.ts'
import { stoodStillMs } from './standstill.ts'

/** A connection that lasted this long was a good one: earlier failures no longer count. */
const stableMs = 10_000
/** A session may be resumed for half a minute, so delays must be shorter than that. */
const delayMaxWhileResumableMs = 5_000
/** A client of the only server at an address comes back while the server asks its clients to leave, less and less often. */
const delayMaxWhileAskedMs = 5_000
/** The bound of the delay is doubled so often from one such move to the next. */
const doublingsPerMove = 2

export interface ReconnectTimesEvents {
  /** The time for the next attempt has come. */
  attempt(): void
  /** There was no connection for too long. */
  over(): void
}

/** Determines when a client that has lost its connection tries again, and until when. */
export class ReconnectTimes {
  readonly #environment: SessionEnvironment
  readonly #settings: ReconnectSettings
  readonly #events: ReconnectTimesEvents
  #failures = 0
  /** Since the last connection. */
  #attemptsFailed = 0
  /** Moves that a server asked for, since the last connection that lasted. */
  #moves = 0
  #delayMs = 0
  #delayTimer: SessionTimer | undefined
  /** The server asked for so long a delay. */
  #isAsked = false
  #connectedAtMs: number | undefined
  /** Since when there is none. */
  #lostAtMs: number | undefined
  /** The time without a connection minus the time with one, since the last that lasted: a connection that is dropped at once extends nothing. */
  #withoutMs = 0
  #overTimer: SessionTimer | undefined
  /** The time when the client gives up. */
  #overAtMs = 0
  #isAttempting = false
  /** The time is over, and an attempt is made: it is waited for. */
  #isLastAttempt = false
  /** A connection that lasted was lost, and no attempt has been made since. */
  #isSoon = false

  constructor(environment: SessionEnvironment, settings: ReconnectSettings, events: ReconnectTimesEvents) {
    this.#environment = environment
    this.#settings = settings
    this.#events = events
  }

  /** The number of consecutive failures since the last connection that lasted. */
  get failures(): number {
    return this.#failures
  }

  /** Since the last connection, however short that was. */
  get attemptsFailed(): number {
    return this.#attemptsFailed
  }

  /** Before the attempt that comes next, or that is made now. */
  get delayMs(): number {
    return this.#delayMs
  }

  /** Whether the time of the next attempt is set. */
  get isSet(): boolean {
    return this.#delayTimer !== undefined
  }

  connected(): void {
    const nowMs = this.#environment.nowMs()
    this.#connectedAtMs = nowMs
    if (this.#lostAtMs !== undefined) this.#withoutMs += nowMs - this.#lostAtMs
    this.#lostAtMs = undefined
    this.#attemptsFailed = 0
    this.#isAttempting = false
    this.#isLastAttempt = false
    this.#stopTimers()
  }

  /** The connection is lost. */
  lost(): void {
    if (this.#countStable()) this.#isSoon = true
    else this.#failures += 1
  }

  /** An attempt has failed. */
  failed(): void {
    this.#failures += 1
    this.#attemptsFailed += 1
    this.#isAttempting = false
    this.#isSoon = false
  }

  /**
   * The server asks all of its clients to leave. That is not a failure, whatever follows.
   *
   * @param isFinal there is no connection left for calls
   * @param retryAfterMs the time after which they may come back
   */
  asked(isFinal: boolean, retryAfterMs: number | undefined): void {
    this.#countStable()
    this.#isSoon = false
    const { delayMs, delayMaxMs } = this.#settings
    const bounds = { delayMs, delayMaxMs: Math.min(delayMaxMs, delayMaxWhileAskedMs) }
    const moves = isFinal ? 0 : this.#moves
    this.#moves += 1
    this.#set(reconnectDelayMs(doublingsPerMove * moves, this.#environment.random(), bounds), retryAfterMs)
  }

  /** Sets when the next attempt is made. */
  next(retryAfterMs: number | undefined, { mayResume }: { readonly mayResume: boolean }): void {
    if (this.#isLastAttempt) {
      this.#events.over()
      return
    }
    const { delayMs, delayMaxMs } = this.#settings
    const bounds = {
      delayMs,
      delayMaxMs: mayResume ? Math.min(delayMaxMs, delayMaxWhileResumableMs) : delayMaxMs,
    }
    const random = this.#environment.random()
    const failures = Math.max(0, this.#failures - 1)
    const drawnMs = this.#isSoon ? firstDelayMs(random, bounds) : reconnectDelayMs(failures, random, bounds)
    this.#isSoon = false
    this.#set(drawnMs, retryAfterMs)
  }

  #set(drawnMs: number, retryAfterMs: number | undefined): void {
    this.#delayMs = noEarlierThan(drawnMs, retryAfterMs, this.#environment.random())
    this.#isAsked = this.#delayMs > drawnMs
    this.#delayTimer?.cancel()
    this.#delayTimer = this.#environment.setTimer(Math.min(this.#delayMs, timerMsMax), () => this.#attempt())
  }

  #attempt(): void {
    this.#delayTimer = undefined
    this.#isAttempting = true
    this.#events.attempt()
  }

  /** There is no connection: time counts from its loss. */
  waits(): void {
    if (this.#lostAtMs === undefined) {
      this.#lostAtMs = this.#environment.nowMs()
      const livedMs = this.#lostAtMs - (this.#connectedAtMs ?? this.#lostAtMs)
      this.#withoutMs = Math.max(0, this.#withoutMs - livedMs)
    }
    if (this.#overTimer === undefined) this.#watch()
  }

  /** No further attempt is made. */
  stop(): void {
    this.#stopTimers()
  }

  /** @returns whether the connection lasted */
  #countStable(): boolean {
    const livedMs = this.#environment.nowMs() - (this.#connectedAtMs ?? Number.POSITIVE_INFINITY)
    if (livedMs < Math.max(stableMs, this.#delayMs)) return false
    this.#failures = 0
    this.#delayMs = 0
    this.#moves = 0
    this.#withoutMs = 0
    return true
  }

  #watch(): void {
    const { reconnectTimeoutMs } = this.#settings
    if (reconnectTimeoutMs === Number.POSITIVE_INFINITY) return
    const spentMs = this.#withoutMs + this.#environment.nowMs() - (this.#lostAtMs ?? 0)
    const leftMs = reconnectTimeoutMs - spentMs
    this.#overAtMs = this.#environment.nowMs() + leftMs
    this.#overTimer = this.#environment.setTimer(Math.min(Math.max(0, leftMs), timerMsMax), () => {
      this.#overTimer = undefined
      if (leftMs > timerMsMax) this.#watch()
      else this.#over()
    })
  }

  /**
   * A process that was suspended finds its time over with hardly an attempt made: the server may be available. A client that a server told
   * when to come back has waited until then: it makes one last attempt.
   */
  #over(): void {
    if (this.isSet && this.#isAsked) {
      this.#isLastAttempt = true
      return
    }
    const stoodStill = this.#environment.nowMs() - this.#overAtMs > stoodStillMs
    if (!this.#isAttempting && !stoodStill) {
      this.#events.over()
      return
    }
    this.#isLastAttempt = true
    if (this.#isAttempting) return
    this.#delayTimer?.cancel()
    this.#attempt()
  }

  #stopTimers(): void {
    this.#delayTimer?.cancel()
    this.#delayTimer = undefined
    this.#overTimer?.cancel()
    this.#overTimer = undefined
  }
}
