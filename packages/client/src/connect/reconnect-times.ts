import { timerMsMax } from '@frameport/protocol/checks'
import type { SessionEnvironment, SessionTimer } from '@frameport/protocol/session'
import type { ReconnectSettings } from '../reconnect-types.ts'
import { noEarlierThan, reconnectDelayMs } from './reconnect-delay.ts'

/** A connection that lasted this long was a good one: what failed before it does not count any more. */
const stableMs = 10_000
/** A session may go on for half a minute: it is not waited for as long as that. */
const delayMaxWhileResumableMs = 5_000

export interface ReconnectTimesEvents {
  /** The time for the next attempt has come. */
  attempt(): void
  /** There was no connection for too long. */
  over(): void
}

/** When a client that has lost its connection tries again, and until when. */
export class ReconnectTimes {
  readonly #environment: SessionEnvironment
  readonly #settings: ReconnectSettings
  readonly #events: ReconnectTimesEvents
  #failures = 0
  #delayMs = 0
  #delayTimer: SessionTimer | undefined
  #connectedAtMs: number | undefined
  /** Since when there was no connection that lasted. */
  #lostAtMs: number | undefined
  #overTimer: SessionTimer | undefined
  /** A connection that lasted was lost, and nobody has tried again. */
  #isAtOnce = false

  constructor(environment: SessionEnvironment, settings: ReconnectSettings, events: ReconnectTimesEvents) {
    this.#environment = environment
    this.#settings = settings
    this.#events = events
  }

  /** In a row, since the last connection that lasted. */
  get failures(): number {
    return this.#failures
  }

  /** Before the attempt that comes next, or that is made now. */
  get delayMs(): number {
    return this.#delayMs
  }

  /** Whether the next attempt has its time. */
  get isSet(): boolean {
    return this.#delayTimer !== undefined
  }

  connected(): void {
    this.#connectedAtMs = this.#environment.nowMs()
    this.#stopTimers()
  }

  /** The connection is lost. */
  lost(): void {
    if (this.#countStable()) this.#isAtOnce = true
    else this.#failures += 1
  }

  /** An attempt has failed. */
  failed(): void {
    this.#failures += 1
    this.#isAtOnce = false
  }

  /** The server wants to be left: all of its clients are told so. @param retryAfterMs when they may come back */
  asked(retryAfterMs: number | undefined, { mayResume }: { readonly mayResume: boolean }): void {
    if (!this.#countStable()) this.#failures += 1
    this.#isAtOnce = false
    this.next(retryAfterMs, { mayResume })
  }

  /** Sets when the next attempt is made. */
  next(retryAfterMs: number | undefined, { mayResume }: { readonly mayResume: boolean }): void {
    const { delayMs, delayMaxMs } = this.#settings
    const random = () => this.#environment.random()
    const bounds = {
      delayMs,
      delayMaxMs: mayResume ? Math.min(delayMaxMs, delayMaxWhileResumableMs) : delayMaxMs,
    }
    const drawnMs = this.#isAtOnce ? 0 : reconnectDelayMs(Math.max(0, this.#failures - 1), random(), bounds)
    this.#isAtOnce = false
    this.#delayMs = noEarlierThan(drawnMs, retryAfterMs, random())
    this.#delayTimer?.cancel()
    this.#delayTimer = this.#environment.setTimer(Math.min(this.#delayMs, timerMsMax), () => {
      this.#delayTimer = undefined
      this.#events.attempt()
    })
  }

  /** There is no connection: from the loss of the last one that lasted on the time runs. */
  waits(): void {
    this.#lostAtMs ??= this.#environment.nowMs()
    if (this.#overTimer === undefined) this.#watch()
  }

  /** Nothing is tried any more. */
  stop(): void {
    this.#stopTimers()
  }

  /** @returns whether the connection lasted */
  #countStable(): boolean {
    const livedMs = this.#environment.nowMs() - (this.#connectedAtMs ?? Number.POSITIVE_INFINITY)
    if (livedMs < Math.max(stableMs, this.#delayMs)) return false
    this.#failures = 0
    this.#delayMs = 0
    this.#lostAtMs = undefined
    return true
  }

  #watch(): void {
    const { reconnectTimeoutMs } = this.#settings
    if (reconnectTimeoutMs === Number.POSITIVE_INFINITY) return
    const leftMs = (this.#lostAtMs ?? 0) + reconnectTimeoutMs - this.#environment.nowMs()
    this.#overTimer = this.#environment.setTimer(Math.min(Math.max(0, leftMs), timerMsMax), () => {
      this.#overTimer = undefined
      if (leftMs > timerMsMax) this.#watch()
      else this.#events.over()
    })
  }

  #stopTimers(): void {
    this.#delayTimer?.cancel()
    this.#delayTimer = undefined
    this.#overTimer?.cancel()
    this.#overTimer = undefined
  }
}
