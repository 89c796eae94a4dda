import type { SessionEnvironment, SessionTimer } from '../common/session-environment.ts'
import type { SessionLimits } from '../common/session-limits.ts'
import { lastLookMs } from '../common/timers.ts'
import type { GuardedChannel } from './guarded-channel.ts'

export interface HeartbeatEvents {
  /** Sends a ping. */
  ping(token: number): void
  /** The peer sent nothing and answered no ping, but took bytes: it is alive. */
  onlyTakes(): void
  /** The peer took nothing, sent nothing and answered no ping. */
  lost(): void
}

/**
 * Pings when the peer has been silent, and reports it gone when it stays silent. A peer that takes bytes off the queue
 * is alive, even if its pong waits behind a long answer; and while this side has stopped reading, silence means
 * nothing.
 */
export class Heartbeat {
  readonly #environment: SessionEnvironment
  readonly #limits: SessionLimits
  readonly #channel: GuardedChannel
  readonly #events: HeartbeatEvents
  #timer: SessionTimer | undefined
  #heardAtMs = 0
  /** `#heardAtMs`, or the later time when the peer was last known to have taken bytes before a ping. */
  #silentSinceMs = 0
  /** The time of the ping in this silence. */
  #pingedAtMs: number | undefined
  /** Bytes that were queued before the ping, or that were left of them at the last check. */
  #queuedBefore = 0
  #takenBefore = 0
  #lastLook = false
  #suspended = false
  #token = 0

  constructor(
    environment: SessionEnvironment,
    limits: SessionLimits,
    channel: GuardedChannel,
    events: HeartbeatEvents,
  ) {
    this.#environment = environment
    this.#limits = limits
    this.#channel = channel
    this.#events = events
  }

  start(): void {
    this.heard(this.#environment.nowMs())
    const { heartbeatIntervalMs } = this.#limits
    if (heartbeatIntervalMs > 0) this.#wait(heartbeatIntervalMs)
  }

  stop(): void {
    this.#timer?.cancel()
    this.#timer = undefined
  }

  /** Any byte arrived. */
  heard(nowMs: number): void {
    this.#heardAtMs = nowMs
    this.#silentSinceMs = nowMs
    this.#pingedAtMs = undefined
    this.#lastLook = false
  }

  /**
   * The time for which the peer has sent nothing, while a ping is unanswered and the peer has taken no bytes before it:
   * it may be gone. 0 otherwise.
   */
  get silentMs(): number {
    if (this.#pingedAtMs === undefined || this.#suspended || this.#tookSome) return 0
    return this.#environment.nowMs() - this.#silentSinceMs
  }

  suspend(): void {
    this.#suspended = true
  }

  resume(): void {
    this.#suspended = false
    this.heard(this.#environment.nowMs())
  }

  #wait(delayMs: number): void {
    this.#timer = this.#environment.setTimer(delayMs, () => this.#check())
  }

  #check(): void {
    const { heartbeatIntervalMs } = this.#limits
    if (this.#suspended) {
      this.#wait(heartbeatIntervalMs)
      return
    }
    if (this.#pingedAtMs !== undefined) {
      this.#checkAnswer(this.#pingedAtMs)
      return
    }
    const leftMs = this.#heardAtMs + heartbeatIntervalMs - this.#environment.nowMs()
    if (leftMs > 0) this.#wait(leftMs)
    else this.#ping()
  }

  #ping(): void {
    this.#pingedAtMs = this.#environment.nowMs()
    this.#token += 1
    this.#rememberQueue()
    this.#events.ping(this.#token)
    this.#wait(this.#limits.heartbeatTimeoutMs)
  }

  #rememberQueue(): void {
    this.#queuedBefore = this.#channel.queuedBytes
    this.#takenBefore = this.#channel.bytesTaken
  }

  /**
   * Whether the peer took bytes that were queued before the ping. Bytes that the system takes into empty buffers do not
   * count.
   */
  get #tookSome(): boolean {
    return this.#queuedBefore > 0 && this.#channel.bytesTaken > this.#takenBefore
  }

  #checkAnswer(pingedAtMs: number): void {
    const { heartbeatTimeoutMs } = this.#limits
    const leftMs = pingedAtMs + heartbeatTimeoutMs - this.#environment.nowMs()
    if (leftMs > 0) {
      this.#wait(leftMs)
      return
    }
    if (this.#tookSome) {
      this.#pingedAtMs = this.#environment.nowMs()
      this.#silentSinceMs = this.#pingedAtMs
      this.#rememberQueue()
      this.#wait(heartbeatTimeoutMs)
      this.#events.onlyTakes()
      return
    }
    if (!this.#lastLook) {
      this.#lastLook = true
      this.#wait(lastLookMs)
      return
    }
    this.#events.lost()
  }
}
