import type { SessionEnvironment, SessionTimer } from '../common/session-environment.ts'
import type { SessionLimits } from '../common/session-limits.ts'
import type { GuardedChannel } from './guarded-channel.ts'

/**
 * Ends a channel so that what was sent last arrives: this side ends, what the peer still sends is thrown away, and the
 * channel is cut only when the peer has not ended after `closeLingerMs`. Closing at once would answer bytes in flight
 * with a reset, which makes the peer's kernel drop what it has not read yet (RFC 9293, section 3.10.7.1).
 */
export class ChannelEnding {
  readonly #environment: SessionEnvironment
  readonly #closeLingerMs: number
  readonly #channel: GuardedChannel
  #timer: SessionTimer | undefined

  constructor(environment: SessionEnvironment, { closeLingerMs }: SessionLimits, channel: GuardedChannel) {
    this.#environment = environment
    this.#closeLingerMs = closeLingerMs
    this.#channel = channel
  }

  /** @param untilMs on the session's clock: until then a peer that keeps taking bytes is waited for */
  begin(untilMs: number): void {
    this.#channel.end()
    this.#wait(untilMs)
  }

  cancel(): void {
    this.#timer?.cancel()
  }

  #wait(untilMs: number): void {
    const channel = this.#channel
    const takenBefore = channel.bytesTaken
    this.#timer = this.#environment.setTimer(this.#closeLingerMs, () => {
      const takes = channel.queuedBytes > 0 && channel.bytesTaken > takenBefore
      if (takes && this.#environment.nowMs() < untilMs) this.#wait(untilMs)
      else channel.abort()
    })
  }
}
