import {
  type FrameChannel,
  type FrameSink,
  FramingError,
  type Payload,
  type SendVerdict,
} from '@frameport/framing'
import { onLateFailure } from '@frameport/framing/checks'
import type { SessionChannel } from '../common/session-channel.ts'

/**
 * A channel whose owner can rely on it, whoever wrote it. No method but `start` throws, apart from what `send` says of a
 * payload. What a method of the channel throws, or rejects with, breaks it: `broken` is called once, from a microtask,
 * and everything that is sent from then on is lost, as on a channel that was closed.
 */
export class GuardedChannel implements SessionChannel {
  readonly #channel: FrameChannel
  readonly #onBroken: (error: unknown) => void
  #broken = false
  #bytesSent = 0

  constructor(channel: FrameChannel, onBroken: (error: unknown) => void) {
    this.#channel = channel
    this.#onBroken = onBroken
  }

  get queuedBytes(): number {
    try {
      return this.#channel.queuedBytes
    } catch (error) {
      return this.#break(error, 0)
    }
  }

  /** Bytes that the channel took so far. */
  get bytesSent(): number {
    return this.#bytesSent
  }

  get bytesTaken(): number {
    return this.#bytesSent - this.queuedBytes
  }

  /** @throws what the channel throws: it has no owner then */
  start(sink: FrameSink): void {
    const started: unknown = this.#channel.start(sink)
    onLateFailure(started, (error) => this.#break(error, undefined))
  }

  /** From the next frame on. */
  setReceiveBytesMax(bytes: number): void {
    this.#safely(() => {
      this.#channel.receiveBytesMax = bytes
    })
  }

  /** From the next frame on. */
  setSendBytesMax(bytes: number): void {
    this.#safely(() => {
      this.#channel.sendBytesMax = bytes
    })
  }

  send(payload: Payload, payloadBytes: number): SendVerdict {
    if (this.#broken) return 'closed'
    try {
      const verdict = this.#channel.send(payload)
      if (verdict !== 'closed') this.#bytesSent += payloadBytes + this.#channel.frameOverheadBytes
      return verdict
    } catch (error) {
      if (FramingError.is(error) && error.code === 'FRAME_TOO_LONG') throw error
      return this.#break(error, 'closed')
    }
  }

  drained(): Promise<void> {
    try {
      return this.#channel.drained().catch((error: unknown) => this.#break(error, undefined))
    } catch (error) {
      return Promise.resolve(this.#break(error, undefined))
    }
  }

  pause(): void {
    this.#safely(() => this.#channel.pause())
  }

  resume(): void {
    this.#safely(() => this.#channel.resume())
  }

  end(): void {
    this.#safely(() => this.#channel.end())
  }

  abort(error?: Error): void {
    this.#safely(() => this.#channel.abort(error))
  }

  #safely(call: () => unknown): void {
    try {
      onLateFailure(call(), (error) => this.#break(error, undefined))
    } catch (error) {
      this.#break(error, undefined)
    }
  }

  #break<Instead>(error: unknown, instead: Instead): Instead {
    if (!this.#broken) {
      this.#broken = true
      queueMicrotask(() => this.#onBroken(error))
    }
    return instead
  }
}
