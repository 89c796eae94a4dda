import { RareSet } from '@frameport/framing/checks'
import type { FrameDeadline } from './frame-deadline.ts'
import type { GuardedChannel } from './guarded-channel.ts'
import type { Heartbeat } from './heartbeat.ts'

/** Why this side does not read: the peer does not read its answers, or the session's turn is over. */
export type PauseReason = 'answers' | 'turn'

/** Whether this side reads. It does when there is no reason left against it. Meanwhile silence says nothing of the peer. */
export class Reading {
  readonly #channel: GuardedChannel
  readonly #watches: readonly (Heartbeat | FrameDeadline)[]
  readonly #reasons = new RareSet<PauseReason>()

  constructor(channel: GuardedChannel, watches: readonly (Heartbeat | FrameDeadline)[]) {
    this.#channel = channel
    this.#watches = watches
  }

  pause(reason: PauseReason): void {
    this.#reasons.add(reason)
    if (this.#reasons.size > 1) return
    for (const watch of this.#watches) watch.suspend()
    this.#channel.pause()
  }

  resume(reason: PauseReason): void {
    if (!this.#reasons.delete(reason) || this.#reasons.size > 0) return
    for (const watch of this.#watches) watch.resume()
    this.#channel.resume()
  }
}
