import type { ByteStream } from '@frameport/framing'
import type { SessionCore } from '../session-core.ts'
import type { SessionTimer } from '../session-types.ts'

export interface ReceiveGateEvents {
  closed(): void
  opened(): void
  /** The gate was closed for `stalledTimeoutMs` and the peer took nothing in that time. */
  stalled(): void
}

/**
 * Makes a server stop reading from a client that does not read its answers. Only servers do: two sides that both
 * stop would wait for each other for ever. A client reads on and refuses calls instead (see IncomingCalls).
 */
export class ReceiveGate {
  readonly #core: SessionCore
  readonly #stream: ByteStream
  readonly #events: ReceiveGateEvents
  #closed = false
  #stopped = false
  #timer: SessionTimer | undefined

  constructor(core: SessionCore, stream: ByteStream, events: ReceiveGateEvents) {
    this.#core = core
    this.#stream = stream
    this.#events = events
  }

  get closed(): boolean {
    return this.#closed
  }

  /** Called after each answer. */
  check(): void {
    if (this.#closed || this.#stopped || this.#core.role === 'client') return
    if (this.#core.outbox.answerBytesQueued <= this.#core.limits.answerBytesQueuedMax) return
    this.#closed = true
    this.#stream.pause()
    this.#events.closed()
    this.#watch()
    void this.#stream.drained().then(() => this.#open())
  }

  #open(): void {
    if (!this.#closed) return
    this.#closed = false
    this.#timer?.cancel()
    this.#events.opened()
    if (!this.#closed) this.#stream.resume()
  }

  /** The session ends: what still arrives is read and thrown away. */
  stop(): void {
    this.#stopped = true
    this.#timer?.cancel()
    if (this.#closed) this.#stream.resume()
    this.#closed = false
  }

  #watch(): void {
    const takenBefore = this.#core.outbox.bytesTaken
    this.#timer = this.#core.environment.setTimer(this.#core.limits.stalledTimeoutMs, () => {
      if (this.#core.outbox.bytesTaken > takenBefore) this.#watch()
      else this.#events.stalled()
    })
  }
}
