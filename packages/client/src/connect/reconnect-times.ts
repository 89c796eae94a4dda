import { timerMsMax } from '@frameport/protocol/checks'
import type { SessionEnvironment, SessionTimer } from '@frameport/protocol/session'
import type { ReconnectSettings } from '../reconnect-types.ts'
import { firstDelayMs, noEarlierThan, reconnectDelayMs } from './reconnect-delay.ts'
import { stoodStillMs } from './standstill.ts'

/** A connection that lasted this long was good: earlier failures no longer count. */
const stableMs = 10_000
/** A session may be resumed for half a minute, so delays must be shorter than that. */
const delayMaxWhileResumableMs = 5_000
/**
 * If there is only one address, the client connects again to the server that asked it to leave, at growing intervals of
 * at most this.
 */
const delayMaxWhileAskedMs = 5_000
/** From one such move to the next, the bound of the delay doubles this many times. */
const doublingsPerMove = 2

export interface ReconnectTimesEvents {
  /** Called at the time of the next attempt. */
  attempt(): void
  /** Called when there was no connection for too long. */
  over(): void
}

/** Determines when a client that has lost its connection tries again, and until when. */
export class ReconnectTimes {
  readonly #environment: SessionEnvironment
  readonly #settings: ReconnectSettings
  readonly #events: ReconnectTimesEvents
  #failures = 0
  /** The number of failed attempts since the last connection. */
  #attemptsFailed = 0
  /** The number of moves that a server asked for, since the last connection that lasted. */
  #moves = 0
  #delayMs = 0
  #delayTimer: SessionTimer | undefined
  /** Whether the server asked for this delay. */
  #isAsked = false
  #connectedAtMs: number | undefined
  /** The time when the connection was lost. Undefined while there is one. */
  #lostAtMs: number | undefined
  /**
   * The time without a connection minus the time with one, since the last connection that lasted. So a connection that
   * is dropped at once extends nothing.
   */
  #withoutMs = 0
  #overTimer: SessionTimer | undefined
  /** The time when the client gives up. */
  #overAtMs = 0
  #isAttempting = false
  /** The time is over, but one more attempt is under way or will be made, and its result decides. */
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

  /** The number of failed attempts since the last connection, however short it was. */
  get attemptsFailed(): number {
    return this.#attemptsFailed
  }

  /** The delay before the next attempt, or before the current one. */
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

  /** Called when the connection is lost. */
  lost(): void {
    if (this.#countStable()) this.#isSoon = true
    else this.#failures += 1
  }

  /** Called when an attempt has failed. */
  failed(): void {
    this.#failures += 1
    this.#attemptsFailed += 1
    this.#isAttempting = false
    this.#isSoon = false
  }

  /**
   * Called when the server asks all of its clients to leave. That is not a failure, whatever follows.
   *
   * @param isFinal whether there is no connection left for calls
   * @param retryAfterMs the time after which clients may come back
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

  /** Called when there is no connection. The time counts from its loss. */
  waits(): void {
    if (this.#lostAtMs === undefined) {
      this.#lostAtMs = this.#environment.nowMs()
      const livedMs = this.#lostAtMs - (this.#connectedAtMs ?? this.#lostAtMs)
      this.#withoutMs = Math.max(0, this.#withoutMs - livedMs)
    }
    if (this.#overTimer === undefined) this.#watch()
  }

  /** Called when no further attempt may be made. */
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
   * After a suspension of the process the time may be over although hardly an attempt was made, and the server may be
   * available. A client that waits for a time that its server named has made no attempt either. Both make one last
   * attempt.
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
