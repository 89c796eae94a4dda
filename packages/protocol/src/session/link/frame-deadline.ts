import type { SessionEnvironment, SessionTimer } from '../common/session-environment.ts'
import type { SessionLimits } from '../common/session-limits.ts'
import { catchUpMs, heldUpMs, lastLookMs } from '../common/timers.ts'

export interface FrameDeadlineEvents {
  /** A frame of which this many bytes have arrived is late. Called once. */
  frameLate(bytes: number): void
}

/** The source of frames that the deadline watches. */
export interface FrameSource {
  /** Bytes that have arrived and were not delivered: those of an incomplete frame. */
  readonly heldBytes: number
}

/**
 * Checks that a frame that has begun also ends: within `frameTimeoutMs`, or later at `frameBytesPerSecondMin`. No time
 * counts between frames, or while this side does not read or its process is suspended.
 *
 * The deadline is for a peer that sends too slowly; the heartbeat detects one that is silent. With a heartbeat, only
 * the beginning of each silence counts, unless the peer takes bytes meanwhile. So a frame may continue after an outage
 * of the network, and one that arrives byte by byte is late however long the breaks are.
 *
 * A timer exists only while bytes arrive; a quiet connection has none. Chunks that begin and end with a frame cost a
 * comparison.
 */
export class FrameDeadline {
  readonly #environment: SessionEnvironment
  readonly #limits: SessionLimits
  readonly #source: FrameSource
  readonly #events: FrameDeadlineEvents
  #timer: SessionTimer | undefined
  #dueAtMs = Number.POSITIVE_INFINITY
  #frames = 0
  /** The number of frames before the last bytes. */
  #framesBefore = 0
  #receivedAtMs = 0
  /** For the incomplete frame: the time that counts until the last bytes. */
  #countedMs = 0
  /** The maximum time that counts of a period without bytes. */
  #silenceMs = Number.POSITIVE_INFINITY
  #heldSinceMs: number | undefined
  #stopped = false
  /** For the incomplete frame: whether this process was suspended once, and that whole period was excluded. */
  #isForgiven = false
  #isLastLook = false

  constructor(
    environment: SessionEnvironment,
    limits: SessionLimits,
    source: FrameSource,
    events: FrameDeadlineEvents,
  ) {
    this.#environment = environment
    this.#limits = limits
    this.#source = source
    this.#events = events
  }

  /** The heartbeat has begun. Without one this is the only limit on a frame whose bytes stop. */
  heartbeatBegins(): void {
    const { heartbeatIntervalMs, frameTimeoutMs } = this.#limits
    // Less than the whole timeout, so that a single silence never makes a frame late.
    if (heartbeatIntervalMs > 0) this.#silenceMs = Math.min(heartbeatIntervalMs, frameTimeoutMs / 2)
  }

  /** Bytes have arrived, and their frames follow. */
  received(nowMs: number): void {
    this.#see()
    this.#leaveOutStandstill(nowMs)
    if (this.#source.heldBytes === 0) this.#begin()
    else this.#countedMs += this.#counted(nowMs)
    this.#receivedAtMs = nowMs
    if (this.#heldSinceMs !== undefined) this.#heldSinceMs = nowMs
    if (this.#timer === undefined && !this.#stopped)
      this.#wait(Math.max(this.#limits.frameTimeoutMs - this.#countedMs, 0))
  }

  /** The peer sends nothing, but takes bytes, so it is alive: all of this silence counts. */
  peerIsThere(): void {
    if (this.#stopped || this.#source.heldBytes === 0) return
    this.#see()
    this.#leaveOutStandstill(this.#environment.nowMs())
    const untilMs = this.#heldSinceMs ?? this.#environment.nowMs()
    this.#countedMs += untilMs - this.#receivedAtMs
    this.#receivedAtMs = untilMs
    this.#timer?.cancel()
    this.#check()
  }

  /** A frame is complete. */
  frameCame(): void {
    this.#frames += 1
  }

  /** This side stops reading. */
  suspend(): void {
    if (this.#heldSinceMs !== undefined) return
    const nowMs = this.#environment.nowMs()
    this.#leaveOutStandstill(nowMs)
    this.#heldSinceMs = nowMs
  }

  resume(): void {
    if (this.#heldSinceMs === undefined) return
    const nowMs = this.#environment.nowMs()
    this.#receivedAtMs += nowMs - this.#heldSinceMs
    this.#dueAtMs = Math.max(this.#dueAtMs, nowMs)
    this.#heldSinceMs = undefined
  }

  stop(): void {
    this.#stopped = true
    this.#timer?.cancel()
  }

  /** Bytes held after a frame arrived with the bytes that completed it. */
  #see(): void {
    if (this.#frames === this.#framesBefore) return
    this.#framesBefore = this.#frames
    this.#begin()
  }

  #begin(): void {
    this.#countedMs = 0
    this.#isForgiven = false
    this.#isLastLook = false
  }

  /** The time that counts since the last bytes. */
  #counted(nowMs: number): number {
    return Math.min((this.#heldSinceMs ?? nowMs) - this.#receivedAtMs, this.#silenceMs)
  }

  /**
   * A timer this late shows that the process was suspended, but not when. So the first such period of a frame does not
   * count at all, and later ones count except for the time by which the timer is late, so that repeated suspensions
   * gain no more than that time.
   */
  #leaveOutStandstill(nowMs: number): void {
    const lateMs = nowMs - this.#dueAtMs
    if (lateMs < catchUpMs || this.#heldSinceMs !== undefined) return
    this.#receivedAtMs = this.#isForgiven ? Math.min(nowMs, this.#receivedAtMs + lateMs) : nowMs
    this.#isForgiven = true
    // Excluded only once: the timer is overdue, and fires next.
    this.#dueAtMs = Number.POSITIVE_INFINITY
  }

  #wait(delayMs: number): void {
    this.#dueAtMs = this.#environment.nowMs() + delayMs
    this.#timer = this.#environment.setTimer(delayMs, () => this.#check())
  }

  #check(): void {
    const nowMs = this.#environment.nowMs()
    const looksAgain = nowMs - this.#dueAtMs >= heldUpMs && !this.#isLastLook
    this.#leaveOutStandstill(nowMs)
    this.#timer = undefined
    this.#dueAtMs = Number.POSITIVE_INFINITY
    if (this.#heldSinceMs !== undefined) {
      this.#wait(this.#limits.frameTimeoutMs)
      return
    }
    const bytes = this.#source.heldBytes
    if (bytes === 0) return
    this.#see()
    const { frameTimeoutMs, frameBytesPerSecondMin } = this.#limits
    const allowedMs = Math.max(frameTimeoutMs, (bytes / frameBytesPerSecondMin) * 1000)
    const countedMs = this.#counted(nowMs)
    const leftMs = allowedMs - this.#countedMs - countedMs
    if (leftMs <= 0 && looksAgain) {
      this.#isLastLook = true
      this.#wait(lastLookMs)
    } else if (leftMs <= 0) this.#events.frameLate(bytes)
    // Nothing more of this silence counts. The next bytes set the timer again.
    else if (countedMs < this.#silenceMs) this.#wait(leftMs)
  }
}
