import type { SessionEnvironment, SessionTimer } from '../common/session-environment.ts'
import type { SessionLimits } from '../common/session-limits.ts'

/** What the deadline watches. */
export interface FrameSource {
  /** Bytes that arrived and were not delivered: those of a frame that is not whole. */
  readonly heldBytes: number
}

/**
 * Watches that a frame which began also ends: within `frameTimeoutMs`, or later at `frameBytesPerSecondMin`. Time does
 * not run between frames, nor while this side does not read.
 *
 * A timer lives only while bytes arrive; a quiet connection has none. Chunks that begin and end with a frame cost a
 * comparison.
 */
export class FrameDeadline {
  readonly #environment: SessionEnvironment
  readonly #limits: SessionLimits
  readonly #source: FrameSource
  readonly #late: (bytes: number) => void
  #timer: SessionTimer | undefined
  #frames = 0
  /** How many frames had come before the bytes that came last. */
  #framesBefore = 0
  #receivedAtMs = 0
  #beganAtMs = 0
  #heldSinceMs: number | undefined
  #stopped = false

  /** @param late is called once, with the bytes that arrived of the frame */
  constructor(
    environment: SessionEnvironment,
    limits: SessionLimits,
    source: FrameSource,
    late: (bytes: number) => void,
  ) {
    this.#environment = environment
    this.#limits = limits
    this.#source = source
    this.#late = late
  }

  /** Bytes have come, whose frames follow. */
  received(nowMs: number): void {
    this.#see()
    if (this.#source.heldBytes === 0) this.#beganAtMs = nowMs
    this.#receivedAtMs = nowMs
    if (this.#timer === undefined && !this.#stopped) this.#wait(this.#limits.frameTimeoutMs)
  }

  /** A frame is whole. */
  frameCame(): void {
    this.#frames += 1
  }

  /** This side stops reading. */
  suspend(): void {
    this.#heldSinceMs ??= this.#environment.nowMs()
  }

  resume(): void {
    if (this.#heldSinceMs === undefined) return
    const heldMs = this.#environment.nowMs() - this.#heldSinceMs
    this.#heldSinceMs = undefined
    this.#beganAtMs += heldMs
    this.#receivedAtMs += heldMs
  }

  stop(): void {
    this.#stopped = true
    this.#timer?.cancel()
  }

  /** What is held behind a frame came with the bytes that brought the frame. */
  #see(): void {
    if (this.#frames === this.#framesBefore) return
    this.#framesBefore = this.#frames
    this.#beganAtMs = this.#receivedAtMs
  }

  #wait(delayMs: number): void {
    this.#timer = this.#environment.setTimer(delayMs, () => this.#check())
  }

  #check(): void {
    this.#timer = undefined
    if (this.#heldSinceMs !== undefined) {
      this.#wait(this.#limits.frameTimeoutMs)
      return
    }
    const bytes = this.#source.heldBytes
    if (bytes === 0) return
    this.#see()
    const { frameTimeoutMs, frameBytesPerSecondMin } = this.#limits
    const allowedMs = Math.max(frameTimeoutMs, (bytes / frameBytesPerSecondMin) * 1000)
    const leftMs = this.#beganAtMs + allowedMs - this.#environment.nowMs()
    if (leftMs > 0) this.#wait(leftMs)
    else this.#late(bytes)
  }
}
