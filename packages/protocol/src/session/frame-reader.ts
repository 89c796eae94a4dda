import { FrameDecoder, FramingError } from '@frameport/framing'
import { notFrameport } from './link/handshake.ts'
import { SessionFault } from './session-fault.ts'

export interface FrameReaderEvents {
  /** `hold`: not now, keep what is there. `drop`: the session has ended. */
  wanted(): 'take' | 'hold' | 'drop'
  /** A payload, lent until this returns. */
  frame(payload: Uint8Array): void
  /** The peer has ended, between two frames, and every frame before was taken. */
  end(): void
}

/** Bytes in, frames out, as fast as the session takes them. Throws SessionFault and what `frame` throws. */
export class FrameReader {
  readonly #role: 'client' | 'server'
  readonly #decoder: FrameDecoder
  readonly #events: FrameReaderEvents
  #framesTaken = 0
  #ended = false

  constructor(role: 'client' | 'server', frameBytesMax: number, events: FrameReaderEvents) {
    this.#role = role
    this.#decoder = new FrameDecoder({ frameBytesMax })
    this.#events = events
  }

  setFrameBytesMax(frameBytesMax: number): void {
    this.#decoder.frameBytesMax = frameBytesMax
  }

  push(chunk: Uint8Array): void {
    this.#decoder.push(chunk)
    this.pump()
  }

  end(): void {
    this.#ended = true
    this.pump()
  }

  /** Takes the frames that are there. */
  pump(): void {
    for (;;) {
      const wanted = this.#events.wanted()
      if (wanted === 'hold') this.#decoder.keep()
      if (wanted !== 'take') return
      const payload = this.#next()
      if (payload === undefined) break
      this.#framesTaken += 1
      this.#events.frame(payload)
    }
    if (this.#ended) this.#finish()
  }

  #next(): Uint8Array | undefined {
    try {
      return this.#decoder.next()
    } catch (error) {
      throw this.#faultOf(error)
    }
  }

  #finish(): void {
    try {
      this.#decoder.end()
    } catch (error) {
      throw this.#faultOf(error)
    }
    this.#events.end()
  }

  #faultOf(error: unknown): unknown {
    if (!FramingError.is(error)) return error
    if (error.code === 'TRUNCATED') return new SessionFault('TRUNCATED', error.message, error)
    if (this.#framesTaken === 0 && error.likelyProtocol !== undefined) return notFrameport(this.#role, error)
    return new SessionFault('FRAME_TOO_LARGE', error.message, error)
  }
}
