import type { ByteStream } from '@frameport/framing'
import type { SessionCore } from '../session-core.ts'
import type { SessionTimer } from '../session-types.ts'

/**
 * Ends a stream so that what was sent last arrives: this side ends, what the peer still sends is thrown away, and
 * the stream is cut only when the peer has not ended after `closeLingerMs`. Closing at once would answer bytes in
 * flight with a reset, which makes the peer's kernel drop what it has not read yet (RFC 9293, section 3.10.7.1).
 */
export class StreamEnding {
  readonly #core: SessionCore
  readonly #stream: ByteStream
  #timer: SessionTimer | undefined

  constructor(core: SessionCore, stream: ByteStream) {
    this.#core = core
    this.#stream = stream
  }

  /** @param untilMs on the session's clock: until then a peer that keeps taking bytes is waited for */
  begin(untilMs: number): void {
    this.#stream.end()
    this.#wait(untilMs)
  }

  cancel(): void {
    this.#timer?.cancel()
  }

  #wait(untilMs: number): void {
    const { environment, limits, outbox } = this.#core
    const takenBefore = outbox.bytesTaken
    this.#timer = environment.setTimer(limits.closeLingerMs, () => {
      const takes = outbox.queuedBytes > 0 && outbox.bytesTaken > takenBefore
      if (takes && environment.nowMs() < untilMs) this.#wait(untilMs)
      else this.#stream.abort()
    })
  }
}
