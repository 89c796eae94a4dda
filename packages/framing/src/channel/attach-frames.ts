import { FrameDecoder } from '../codec/decoder.ts'
import { FrameEncoder, giveFrameBack, lendFrame, type Payload } from '../codec/encoder.ts'
import {
  checkedBytesMax,
  checkedOptions,
  checkOptionNames,
  type FrameCodecOptions,
  headerBytes,
} from '../codec/frame-format.ts'
import { FramingError } from '../framing-error.ts'
import { isObject, refuse } from '../support/checked-objects.ts'
import { inMicrotask } from '../support/in-microtask.ts'
import { onLateFailure } from '../support/late-failure.ts'
import { reportUncaught } from '../support/report-uncaught.ts'
import { type ByteStream, checkedStream, type SendVerdict } from './byte-stream.ts'
import { checkedFrameSink, type FrameChannel, type FrameSink, isFrameChannel } from './frame-channel.ts'
import { SinkOfStream, type StreamListener } from './sink-of-stream.ts'

/**
 * Makes a channel of frames out of a stream of bytes: the form for speed, without a copy, a promise or an allocation
 * per frame beyond the view. `start(sink)` of the channel starts the stream.
 *
 * ```ts
 * const channel = attachFrames(stream)
 * channel.start({ frame: (payload) => channel.send(payload) })
 * ```
 *
 * What is no frame, and an end inside a frame, goes to `invalid` of the sink, or aborts the stream with that
 * FramingError where the sink has no such method. Frames in front of it are delivered first.
 *
 * @throws FramingError `INVALID_OPTION` also for an unknown option, `INVALID_ARGUMENT` also for a channel of frames
 */
export function attachFrames(stream: ByteStream, options: FrameCodecOptions = {}): FrameChannel {
  const checked = checkedOptions(options)
  checkOptionNames(options, 'attachFrames', optionNames)
  const foreign = channelMembersOf(stream)
  if (foreign.length > 0) {
    refuse('The stream', stream, `it has ${foreign.join(' and ')}, so it is a FrameChannel: use it directly`)
  }
  return new AttachedFrames(checkedStream(stream), checked)
}

/**
 * The channel that `source` is, or makes as a stream of bytes: for what takes both.
 *
 * @throws FramingError `INVALID_ARGUMENT` for what is neither
 */
export function frameChannelOf(source: FrameChannel | ByteStream): FrameChannel {
  if (isFrameChannel(source)) return source
  const [half] = channelMembersOf(source)
  if (half !== undefined)
    refuse('The connection', source, `it has ${half}, so it looks like a FrameChannel: add receiveBytesMax`)
  return attachFrames(source)
}

const optionNames: readonly string[] = ['format', 'frameBytesMax']

/** The members that only a {@link FrameChannel} has, as far as `source` has them. */
function channelMembersOf(source: object): string[] {
  return ['receiveBytesMax', 'sendBytesMax', 'frameOverheadBytes'].filter(
    (name) => isObject(source) && name in source,
  )
}

const nobody: FrameSink = { frame: () => undefined }

class AttachedFrames implements FrameChannel, StreamListener {
  readonly frameOverheadBytes = headerBytes
  readonly #stream: ByteStream
  #sink: FrameSink = nobody
  readonly #decoder: FrameDecoder
  readonly #encoder: FrameEncoder
  #paused = false
  #streamPaused = false
  #delivering = false
  #peerEnded = false
  #closed = false
  /** After an abort and after what is no frame: no frame and no end is delivered any more. */
  #deaf = false
  #heldClose = false

  constructor(stream: ByteStream, options: Required<FrameCodecOptions>) {
    this.#stream = stream
    this.#decoder = new FrameDecoder(options)
    this.#encoder = new FrameEncoder(options)
  }

  start(sink: FrameSink): void {
    if (this.#sink !== nobody) {
      throw new FramingError('ALREADY_STARTED', 'This channel already has a sink: call start() once.')
    }
    this.#sink = checkedFrameSink(sink)
    this.#stream.start(new SinkOfStream(this))
  }

  get queuedBytes(): number {
    return this.#stream.queuedBytes
  }

  get heldBytes(): number {
    return this.#decoder.bufferedBytes
  }

  get heldMemoryBytes(): number {
    return this.#decoder.bufferedBytes === 0 ? 0 : this.#decoder.memoryBytes
  }

  get receiveBytesMax(): number {
    return this.#decoder.frameBytesMax
  }

  set receiveBytesMax(value: number) {
    this.#decoder.frameBytesMax = checkedBytesMax('receiveBytesMax', this.#decoder.format, value)
  }

  get sendBytesMax(): number {
    return this.#encoder.frameBytesMax
  }

  set sendBytesMax(value: number) {
    this.#encoder.frameBytesMax = checkedBytesMax('sendBytesMax', this.#encoder.format, value)
  }

  send(payload: Payload): SendVerdict {
    const frame = lendFrame(this.#encoder, payload)
    try {
      return this.#stream.send(frame)
    } finally {
      giveFrameBack(frame)
    }
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
    inMicrotask(() => {
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
    this.#deaf = true
    this.#stream.abort(error)
    if (this.#heldClose) this.#finish(error)
  }

  streamData(chunk: Uint8Array): void {
    if (this.#deaf) return
    this.#watch(this.#sink.received?.())
    this.#push(chunk)
    try {
      this.#deliver()
    } finally {
      this.#decoder.keep()
    }
  }

  /** A stream that delivers no bytes, or bytes behind its end, is of no use any more. */
  #push(chunk: Uint8Array): void {
    try {
      this.#decoder.push(chunk)
    } catch (error) {
      this.#refuse(error as FramingError)
    }
  }

  /** Delivers what is complete, as long as nobody pauses or aborts. */
  #deliver(): void {
    if (this.#delivering) return
    this.#delivering = true
    try {
      while (!this.#paused && !this.#deaf) {
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

  /** What is no frame is not thrown: only the sink's own exceptions leave this module. */
  #nextFrame(): Uint8Array | undefined {
    try {
      return this.#decoder.next()
    } catch (error) {
      this.#refuse(error as FramingError)
      return undefined
    }
  }

  #refuse(error: FramingError): void {
    if (this.#sink.invalid === undefined) {
      this.abort(error)
      return
    }
    this.#deaf = true
    this.#watch(this.#sink.invalid(error))
  }

  #deliverHeld(): void {
    if (this.#closed) return
    this.#deliver()
    if (this.#paused || this.#deaf) return
    if (this.#peerEnded) this.#deliverEnd()
    if (this.#heldClose && !this.#closed) this.#finish(undefined)
  }

  streamEnded(): void {
    this.#peerEnded = true
    if (this.#deaf) return
    this.#watch(this.#sink.received?.())
    if (!this.#paused) this.#deliverEnd()
  }

  #deliverEnd(): void {
    this.#peerEnded = false
    try {
      this.#decoder.end()
    } catch (error) {
      this.#refuse(error as FramingError)
      return
    }
    this.#watch(this.#sink.end?.())
  }

  streamDrained(): void {
    if (!this.#closed) this.#watch(this.#sink.drain?.())
  }

  /** An orderly close waits behind frames that a pause holds back; a broken one drops them. */
  streamClosed(error?: Error): void {
    const held = this.#paused && !this.#deaf && (this.#peerEnded || this.#decoder.bufferedBytes > 0)
    if (held && error === undefined) this.#heldClose = true
    else this.#finish(error)
  }

  #finish(error: Error | undefined): void {
    if (this.#closed) return
    this.#closed = true
    this.#deaf = true
    this.#watch(error === undefined ? this.#sink.close?.() : this.#sink.close?.(error))
  }

  #watch(returned: unknown): void {
    if (returned !== undefined) onLateFailure(returned, (error) => this.#callbackFailed(error))
  }

  #callbackFailed(cause: unknown): void {
    reportUncaught(cause)
    if (this.#closed) return
    this.abort(
      new FramingError('CALLBACK_THREW', 'A callback of the frame sink failed, so the stream was aborted.', {
        cause,
      }),
    )
  }
}
