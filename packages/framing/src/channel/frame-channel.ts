import type { Payload } from '../codec/encoder.ts'
import type { FramingError } from '../framing-error.ts'
import { isObject, refuse } from '../support/checked-objects.ts'
import type { SendVerdict } from './byte-stream.ts'

/**
 * Receives what a {@link FrameChannel} delivers. Calls never overlap, no call follows `close`, and none happens inside a call of
 * the channel. The methods are called on the sink, like those of a {@link ByteStreamSink}.
 *
 * With {@link attachFrames}, an exception of a callback goes to the stream below, which treats it like an exception of its own sink. If a callback
 * returns a promise that rejects, or throws while the stream is not calling, the stream is aborted with `CALLBACK_THREW`, and
 * the platform reports the error as uncaught.
 */
export interface FrameSink {
  /** Called for each payload that arrives. It is lent: valid until this call returns and overwritten afterwards. */
  frame(payload: Uint8Array): void
  /** Called when bytes, perhaps only a part of a frame, or the end arrive, before their frames: a sign that the peer is alive. */
  received?(): void
  /**
   * Called when the peer sent bytes that are not a frame, or ended inside one. No `frame` and no `end` follows, and later bytes are
   * dropped. Sending is still possible, so end or abort the channel. Without this method the channel is aborted with the error.
   */
  invalid?(error: FramingError): void
  /** Called when the peer has ended its sending side between two frames. Sending is still possible. */
  end?(): void
  /** Called when the queue has fallen to its low watermark after `send` returned `full`. */
  drain?(): void
  /**
   * Called exactly once, as the last call, when the channel is closed.
   *
   * @param error the reason why the channel broke: a FramingError if the peer sent an invalid frame, or the argument of `abort`. Absent
   *   after an orderly end of both sides
   */
  close?(error?: Error): void
}

const optionalMethods = ['received', 'invalid', 'end', 'drain', 'close'] as const

/** @throws FramingError `INVALID_ARGUMENT` */
export function checkedFrameSink<Sink extends FrameSink>(sink: Sink): Sink {
  if (!isObject(sink) || typeof sink.frame !== 'function')
    refuse('The sink', sink, 'give an object with a method frame(payload)')
  for (const name of optionalMethods) {
    const method: unknown = sink[name]
    if (method !== undefined && typeof method !== 'function')
      refuse(`The member ${name} of the sink`, method, 'give a method, or leave it out')
  }
  return sink
}

/** Returns true if `value` is a frame channel and not a byte stream: it has a number `receiveBytesMax`. Never throws. */
export function isFrameChannel(value: unknown): value is FrameChannel {
  try {
    return typeof (value as Partial<FrameChannel>).receiveBytesMax === 'number'
  } catch {
    return false
  }
}

/**
 * An ordered, reliable channel of frames with back-pressure in both directions. {@link attachFrames} makes one from a byte stream. Transports that
 * keep message boundaries themselves, such as a WebSocket or a MessagePort, need no length prefix and have adapters of their own.
 */
export interface FrameChannel {
  /** The number of bytes that `send` accepted and the layer below has not taken yet, frame overhead included. */
  readonly queuedBytes: number
  /**
   * The number of bytes that arrived and were not delivered: of an incomplete frame, and of frames that a pause holds back. A session
   * counts them as memory held for its peer, and sets a deadline for an incomplete frame. Absent if messages always arrive complete.
   */
  readonly heldBytes?: number
  /** The memory allocated for those bytes. It can be more than `heldBytes`, because memory for a frame grows ahead of its bytes. */
  readonly heldMemoryBytes?: number
  /** The number of bytes that each frame adds to `queuedBytes` besides its payload: 4 with a length prefix, otherwise 0. */
  readonly frameOverheadBytes: number
  /** The longest payload accepted from the peer, in bytes. Settable at any time; a frame whose header was accepted is still delivered. */
  receiveBytesMax: number
  /** The longest payload that `send` accepts, in bytes. A change applies from the next payload on. */
  sendBytesMax: number
  /**
   * Begins delivery to `sink`. Call it once. Nothing is delivered before it returns.
   *
   * @throws FramingError `ALREADY_STARTED` for a second call, `INVALID_ARGUMENT` for a wrong sink; errors of the layer below
   */
  start(sink: FrameSink): void
  /**
   * Sends one frame. The payload is copied or sent before this returns.
   *
   * @throws FramingError `FRAME_TOO_LONG`, `INVALID_ARGUMENT`: nothing was sent, and the channel stays usable
   */
  send(payload: Payload): SendVerdict
  /** Resolves when the queue is at or below its low watermark, or when the channel is closed. Never rejects. */
  drained(): Promise<void>
  /** Stops the delivery of frames until `resume`, including frames that have already arrived. Idempotent. */
  pause(): void
  /** Continues after `pause`. Frames that arrived meanwhile are delivered first, in a later microtask. Idempotent. */
  resume(): void
  /** Ends the sending side once the queue is sent. Idempotent. */
  end(): void
  /** Closes both sides at once. `close` follows, with `error` if one is given. Idempotent: the first reason counts. */
  abort(error?: Error): void
}
