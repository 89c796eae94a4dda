import type { SessionEnvironment, SessionTimer } from '../common/session-environment.ts'
import type { SessionLimits } from '../common/session-limits.ts'
import { startPeerTimer } from '../common/timers.ts'
import type { GuardedChannel } from './guarded-channel.ts'

export interface ChannelEndingEvents {
  /** The channel had to close and has not done so within `closeLingerMs`: it is treated as gone. */
  channelGone(): void
}

/**
 * Ends a channel so that the last data arrives: this side ends, discards what the peer still sends, and aborts the
 * channel only if the peer has not ended after `closeLingerMs`. Closing at once would answer bytes in flight with a
 * reset, which makes the peer's kernel drop unread data (RFC 9293, section 3.10.7.1).
 *
 * The same time limits the wait for a channel that does not close.
 */
export class ChannelEnding {
  readonly #environment: SessionEnvironment
  readonly #closeLingerMs: number
  readonly #channel: GuardedChannel
  readonly #events: ChannelEndingEvents
  #timer: SessionTimer | undefined
  #aborted = false
  #over = false

  constructor(
    environment: SessionEnvironment,
    { closeLingerMs }: SessionLimits,
    channel: GuardedChannel,
    events: ChannelEndingEvents,
  ) {
    this.#environment = environment
    this.#closeLingerMs = closeLingerMs
    this.#channel = channel
    this.#events = events
  }

  /** @param untilMs on the clock of the session: until then, a peer that goes on taking bytes is awaited */
  begin(untilMs: number): void {
    // A callback may have aborted the session.
    if (this.#aborted) return
    this.#channel.end()
    this.#linger(untilMs)
  }

  abort(): void {
    // A channel that was never started does not report its close.
    if (!this.#aborted && this.#channel.isStarted) this.#wait(() => this.#events.channelGone())
    this.#aborted = true
    this.#channel.abort()
  }

  /** The channel accepts nothing more. Its deliveries are still accepted until it closes or the time is over. */
  expectClose(): void {
    this.#wait(() => {
      this.#events.channelGone()
      this.#channel.abort()
    })
  }

  /** The channel is gone. */
  cancel(): void {
    this.#over = true
    this.#timer?.cancel()
  }

  #linger(untilMs: number): void {
    const channel = this.#channel
    const takenBefore = channel.bytesTaken
    this.#wait(() => {
      const takes = channel.queuedBytes > 0 && channel.bytesTaken > takenBefore
      if (takes && this.#environment.nowMs() < untilMs) this.#linger(untilMs)
      else this.abort()
    })
  }

  #wait(then: () => void): void {
    this.#timer?.cancel()
    if (!this.#over) this.#timer = startPeerTimer(this.#environment, this.#closeLingerMs, then)
  }
}
