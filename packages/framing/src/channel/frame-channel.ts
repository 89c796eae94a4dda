import type { Payload } from '../codec/encoder.ts'
import type { FramingError } from '../framing-error.ts'
import { isObject, refuse } from '../support/checked-objects.ts'
import type { SendVerdict } from './byte-stream.ts'

/**
 * Where a {@link FrameChannel} delivers. Calls never overlap, none comes after `close`, and none from inside a call of
 * the channel. Its methods are called on the sink, as those of a {@link ByteStreamSink}.
 *
 * Over {@link attachFrames}, what a callback throws goes to the stream below, which treats it as what its own sink
 * throws. A callback that returns a promise which rejects, or throws where no call of the stream is under way, aborts
 * the stream with `CALLBACK_THREW`, and the error is thrown in a microtask of its own, where the platform reports it as
 * uncaught.
 */
export interface FrameSink {
  /** A payload arrived. It is lent: valid until this call returns, overwritten afterwards. */
  frame(payload: Uint8Array): void
  /** Bytes arrived, perhaps only a part of a frame, or the end: a sign that the peer is alive. Comes before their frames. */
  received?(): void
  /**
   * What arrived is no frame, or the peer ended inside one. No `frame` and no `end` follows, and what still arrives is
   * dropped; sending is still possible, and the owner ends or aborts the channel. Without this method the channel is
   * aborted with the error.
   */
  invalid?(error: FramingError): void
  /** The peer has ended its sending side between two frames. Sending is still possible. */
  end?(): void
  /** The queue fell to its low watermark after a `full` verdict. */
  drain?(): void
  /**
   * The channel is gone. Exactly once, and last.
   *
   * @param error absent after an orderly end of both sides, otherwise why it broke: a FramingError when the peer
   *   sent what is no frame, or what was given to `abort`.
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

/** Whether a value that has the methods of a stream is a channel of frames. What cannot be looked at is none. */
export function isFrameChannel(value: unknown): value is FrameChannel {
  try {
    return typeof (value as Partial<FrameChannel>).receiveBytesMax === 'number'
  } catch {
    return false
  }
}

/**
 * Interface only, made by {@link attachFrames} or by an adapter.
 *
 * The seam between what speaks messages and what moves frames: an ordered, reliable channel of frames with
 * back-pressure in both directions. {@link attachFrames} makes one of a byte stream. A WebSocket or a MessagePort,
 * which keep the borders of messages themselves, need no length prefix and are one by an adapter of their own.
 */
export interface FrameChannel {
  /** Bytes accepted by `send` and not yet taken by the layer below, frame overhead included. */
  readonly queuedBytes: number
  /**
   * Bytes that arrived and were not delivered: of a frame that is not whole, and of frames that a pause holds back. What
   * this side holds for its peer is counted by it, and a frame that began has a deadline. Absent where messages come whole.
   */
  readonly heldBytes?: number
  /** The memory that was taken for those: more where room for a frame grows ahead of its bytes. */
  readonly heldMemoryBytes?: number
  /** Bytes of `queuedBytes` that each frame costs beside its payload: 4 for a length prefix. */
  readonly frameOverheadBytes: number
  /** The longest payload that is taken from the peer. Settable between frames; a frame begun is finished. */
  receiveBytesMax: number
  /** The longest payload that `send` takes. A change holds from the next payload on. */
  sendBytesMax: number
  /**
   * Begins delivery to `sink`. Called once. Nothing is delivered before this returns.
   *
   * @throws FramingError `ALREADY_STARTED`, `INVALID_ARGUMENT`; what the layer below throws
   */
  start(sink: FrameSink): void
  /**
   * Sends one frame. The payload is copied or sent before this returns.
   *
   * @throws FramingError `FRAME_TOO_LONG`, `INVALID_ARGUMENT`: nothing was sent and the channel lives on
   */
  send(payload: Payload): SendVerdict
  /** Settles when the queue is at or below its low watermark, or the channel is gone. Never rejects. */
  drained(): Promise<void>
  /** No `frame` after this returns until `resume`, not even one that has arrived. Idempotent. */
  pause(): void
  /** Undoes `pause`; what had arrived is delivered first, in a later microtask. Idempotent. */
  resume(): void
  /** Ends the sending side after what is queued. Idempotent. */
  end(): void
  /** Ends both sides now; `close` follows, with `error` if one is given. Idempotent; the first reason stands. */
  abort(error?: Error): void
}
