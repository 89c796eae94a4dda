import type { FrameDeadline } from './frame-deadline.ts'
import type { GuardedChannel } from './guarded-channel.ts'
import type { Heartbeat } from './heartbeat.ts'

/** The reason why this side does not read: the peer does not read its answers, or the session's turn is over. */
export type PauseReason = 'answers' | 'turn'

const bits: Readonly<Record<PauseReason, number>> = { answers: 1, turn: 2 }

/**
 * Whether this side reads: it does if there is no reason to pause. During a pause, silence of the peer means nothing.
 */
export class Reading {
  readonly #channel: GuardedChannel
  readonly #heartbeat: Heartbeat
  readonly #deadline: FrameDeadline
  /** One bit for each reason. */
  #reasons = 0

  constructor(channel: GuardedChannel, heartbeat: Heartbeat, deadline: FrameDeadline) {
    this.#channel = channel
    this.#heartbeat = heartbeat
    this.#deadline = deadline
  }

  pause(reason: PauseReason): void {
    const wasReading = this.#reasons === 0
    this.#reasons |= bits[reason]
    if (!wasReading) return
    this.#heartbeat.suspend()
    this.#deadline.suspend()
    this.#channel.pause()
  }

  resume(reason: PauseReason): void {
    if (this.#reasons === 0) return
    this.#reasons &= ~bits[reason]
    if (this.#reasons > 0) return
    this.#heartbeat.resume()
    this.#deadline.resume()
    this.#channel.resume()
  }
}
