import type { ByteStream, ByteStreamSink, SendVerdict } from './byte-stream.ts'
import { checkedFrameSink, checkedStream } from './checked-objects.ts'
import { FrameDecoder } from './decoder.ts'
import { FrameEncoder, type Payload } from './encoder.ts'
import { checkedOptions, type FrameCodecOptions } from './frame-format.ts'
import { FramingError } from './framing-error.ts'
import { onLateFailure } from './late-failure.ts'

/**
 * Where {@link attachFrames} delivers. Calls never overlap, and none comes after `close`.
 *
 * What a callback throws goes to the stream below, which treats it as what its own sink throws. A callback that returns
 * a promise which rejects, or throws where no call of the stream is under way, aborts the stream with
 * `CALLBACK_THREW`, and the error is thrown in a microtask of its own, where the platform reports it as uncaught.
 */
export interface FrameSink {
  /** A payload arrived. It is lent: valid until this call returns, overwritten afterwards. */
  frame(payload: Uint8Array): void
  /** The peer has ended its sending side between two frames. Sending is still possible. */
  end?(): void
  /** The queue fell to its low watermark after a `full` verdict. */
  drain?(): void
  /**
   * The stream is gone. Exactly once, and last.
   *
   * @param error absent after an orderly end of both sides, otherwise why it broke: a FramingError when the peer
   *   sent what is no frame, or what was given to `abort`.
   */
  close?(error?: Error): void
}

/** A byte stream that speaks frames. */
export interface FrameChannel {
  /** Bytes accepted by `send` and not yet taken by the kernel. */
  readonly queuedBytes: number
  /** The longest payload that is accepted from the peer and from `send`. Settable between frames. */
  frameBytesMax: number
  /**
   * Sends one frame. The payload is copied or sent before this returns.
   *
   * @throws FramingError `FRAME_TOO_LONG`, `INVALID_ARGUMENT`: nothing was sent and the channel lives on
   */
  send(payload: Payload): SendVerdict
  /** Settles when the queue is at or below its low watermark, or the stream is gone. Never rejects. */
  drained(): Promise<void>
  /** No `frame` after this returns until `resume`, not even one that has arrived. Idempotent. */
  pause(): void
  /** Undoes `pause`; what had arrived is delivered first, in a later microtask. Idempotent. */
  resume(): void
  /** Ends the sending side after what is queued. */
  end(): void
  /** Ends both sides now; `close` follows, with `error` if one is given. */
  abort(error?: Error): void
}

/**
 * Starts `stream` and turns its bytes into frames for `sink`: the form for speed, without a copy, a promise or an
 * allocation per frame beyond the view. What is no frame aborts the stream with a FramingError, as does an end
 * inside a frame; frames in front of it are delivered first.
 *
 * @throws FramingError `INVALID_OPTION`, `INVALID_ARGUMENT`; what `stream.start` throws
 */
export function attachFrames(
  stream: ByteStream,
  sink: FrameSink,
  options: FrameCodecOptions = {},
): FrameChannel {
  return new AttachedFrames(stream, sink, options)
}

class AttachedFrames implements FrameChannel {
  readonly #stream: ByteStream
  readonly #sink: FrameSink
  readonly #decoder: FrameDecoder
  readonly #encoder: FrameEncoder
  #paused = false
  #streamPaused = false
  #delivering = false
  #peerEnded = false
  #closed = false
  /** Set by `abort`: nothing more is delivered but the close. */
  #aborted = false
  #heldClose = false

  constructor(stream: ByteStream, sink: FrameSink, options: FrameCodecOptions) {
    this.#stream = checkedStream(stream)
    this.#sink = checkedFrameSink(sink)
    const checked = checkedOptions(options)
    this.#decoder = new FrameDecoder(checked)
    this.#encoder = new FrameEncoder(checked)
    stream.start(new SinkOfStream(this))
  }

  /** What the stream delivers, under names that the channel's own calls do not have. */
  streamDrained(): void {
    this.#watch(this.#sink.drain?.())
  }

  get queuedBytes(): number {
    return this.#stream.queuedBytes
  }

  get frameBytesMax(): number {
    return this.#decoder.frameBytesMax
  }

  set frameBytesMax(value: number) {
    this.#decoder.frameBytesMax = value
    this.#encoder.frameBytesMax = value
  }

  send(payload: Payload): SendVerdict {
    return this.#stream.send(this.#encoder.encodeLent(payload))
  }

  drained(): Promise<void> {
    return this.#stream.drained()
  }

  pause(): void {
    this.#paused = true
    if (this.#streamPaused) return
    this.#streamPaused = true
    this.#stream.pause()
  }

  resume(): void {
    if (!this.#paused) return
    this.#paused = false
    if (this.#delivering) return
    // Delivered later, so that a caller of resume() is never entered from inside its own call.
    queueMicrotask(() => {
      try {
        this.#deliverHeld()
      } catch (error) {
        this.#callbackFailed(error)
      }
    })
  }

  end(): void {
    this.#stream.end()
  }

  abort(error?: Error): void {
    this.#aborted = true
    this.#stream.abort(error)
    if (this.#heldClose) this.#finish(error)
  }

  streamData(chunk: Uint8Array): void {
    if (this.#aborted || !this.#push(chunk)) return
    try {
      this.#deliver()
    } finally {
      this.#decoder.keep()
    }
  }

  /** A stream that delivers no bytes, or bytes behind its end, is of no use any more. */
  #push(chunk: Uint8Array): boolean {
    try {
      this.#decoder.push(chunk)
      return true
    } catch (error) {
      this.abort(error as Error)
      return false
    }
  }

  /** Delivers what is complete, as long as nobody pauses or aborts. */
  #deliver(): void {
    if (this.#delivering) return
    this.#delivering = true
    try {
      while (!this.#paused && !this.#aborted) {
        const frame = this.#nextFrame()
        if (frame === undefined) break
        this.#watch(this.#sink.frame(frame))
      }
    } finally {
      this.#delivering = false
    }
    if (this.#paused || !this.#streamPaused) return
    this.#streamPaused = false
    this.#stream.resume()
  }

  /** What is no frame ends the stream; only the sink's own exceptions leave this module. */
  #nextFrame(): Uint8Array | undefined {
    try {
      return this.#decoder.next()
    } catch (error) {
      this.abort(error as Error)
      return undefined
    }
  }

  #deliverHeld(): void {
    if (this.#paused || this.#closed || this.#delivering) return
    this.#deliver()
    if (this.#paused || this.#aborted) return
    if (this.#peerEnded) this.#deliverEnd()
    if (this.#heldClose && !this.#closed) this.#finish(undefined)
  }

  streamEnded(): void {
    this.#peerEnded = true
    if (!this.#paused && !this.#aborted) this.#deliverEnd()
  }

  #deliverEnd(): void {
    this.#peerEnded = false
    try {
      this.#decoder.end()
    } catch (error) {
      this.abort(error as Error)
      return
    }
    this.#watch(this.#sink.end?.())
  }

  /** An orderly close waits behind frames that a pause holds back; a broken one drops them. */
  streamClosed(error?: Error): void {
    const held = this.#paused && !this.#aborted && (this.#peerEnded || this.#decoder.bufferedBytes > 0)
    if (held && error === undefined) this.#heldClose = true
    else this.#finish(error)
  }

  #finish(error: Error | undefined): void {
    if (this.#closed) return
    this.#closed = true
    this.#aborted = true
    this.#watch(error === undefined ? this.#sink.close?.() : this.#sink.close?.(error))
  }

  #watch(returned: unknown): void {
    if (returned !== undefined) onLateFailure(returned, (error) => this.#callbackFailed(error))
  }

  #callbackFailed(cause: unknown): void {
    queueMicrotask(() => {
      throw cause
    })
    if (this.#closed) return
    this.abort(
      new FramingError('CALLBACK_THREW', 'A callback of the frame sink failed, so its stream was aborted.', {
        cause,
      }),
    )
  }
}

/** One small object for each channel instead of four functions: ten thousand idle connections feel it. */
class SinkOfStream implements ByteStreamSink {
  readonly #channel: AttachedFrames

  constructor(channel: AttachedFrames) {
    this.#channel = channel
  }

  data(chunk: Uint8Array): void {
    this.#channel.streamData(chunk)
  }

  end(): void {
    this.#channel.streamEnded()
  }

  drain(): void {
    this.#channel.streamDrained()
  }

  close(error?: Error): void {
    this.#channel.streamClosed(error)
  }
}
