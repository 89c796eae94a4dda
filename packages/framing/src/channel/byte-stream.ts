import { isObject, refuse } from '../support/checked-objects.ts'

/**
 * What became of the bytes handed to {@link ByteStream.send}.
 *
 * - `sent`: the kernel (or the peer, in memory) has all of them and nothing of this stream is queued.
 * - `queued`: the stream owns them and will send them in order.
 * - `full`: as `queued`, and the queue is now over its high watermark: wait for
 *   {@link ByteStream.drained} before sending more. Nothing was dropped.
 * - `closed`: not taken. The stream has ended its sending side or is gone.
 */
export type SendVerdict = 'sent' | 'queued' | 'full' | 'closed'

/**
 * Where a stream delivers. Calls never overlap, and none comes after `close`. Its methods are called on the sink:
 * `socket.on('data', (chunk) => sink.data(chunk))`. One that is taken off the sink throws.
 */
export interface ByteStreamSink {
  /**
   * Bytes arrived, at least one. They are lent: valid until this call returns, overwritten afterwards.
   * Copy what must outlive the call.
   */
  data(chunk: Uint8Array): void
  /** The peer has ended its sending side. No `data` follows; sending is still possible. */
  end(): void
  /** The queue fell to its low watermark after a `full` verdict. */
  drain(): void
  /**
   * The stream is gone and holds nothing any more. Exactly once, and last.
   *
   * @param error absent after an orderly end of both sides, otherwise why it broke.
   */
  close(error?: Error): void
}

/**
 * The seam between what speaks frames and what moves bytes: an ordered, reliable stream of bytes with
 * back-pressure in both directions. A connection of the completion-port core, an in-memory pair and a
 * simulated network all satisfy it structurally.
 */
export interface ByteStream {
  /** Bytes accepted by `send` and not yet taken by the kernel. */
  readonly queuedBytes: number
  /**
   * Begins delivery to `sink`. Called once; a second call throws. Bytes that arrived earlier are delivered
   * first. Delivery may begin before this returns only if the stream says so; those of this project never do.
   */
  start(sink: ByteStreamSink): void
  /**
   * Sends bytes, or several parts as if they were one. They are copied or sent before this returns, and an array of parts is not kept:
   * the caller may reuse them at once. An empty send is allowed and does nothing.
   */
  send(bytes: Uint8Array | readonly Uint8Array[]): SendVerdict
  /** Settles when the queue is at or below its low watermark, or the stream is gone. Never rejects. */
  drained(): Promise<void>
  /** Stops delivery of `data` (and so, before long, the peer). Idempotent. */
  pause(): void
  /** Undoes `pause`. Idempotent. */
  resume(): void
  /** Ends the sending side after what is queued. Receiving goes on until the peer ends. Idempotent. */
  end(): void
  /**
   * Ends both sides now; what is queued is dropped. `close` follows, with `error` if one is given.
   * Idempotent; the first reason stands.
   */
  abort(error?: Error): void
}

/** Whether a value has the methods by which a stream is known from other sources and sinks. */
export function isByteStream(value: unknown): value is ByteStream {
  return (
    isObject(value) &&
    typeof (value as Partial<ByteStream>).start === 'function' &&
    typeof (value as Partial<ByteStream>).send === 'function' &&
    typeof (value as Partial<ByteStream>).drained === 'function'
  )
}

/** @throws FramingError `INVALID_ARGUMENT` */
export function checkedStream(stream: ByteStream): ByteStream {
  if (isByteStream(stream)) return stream
  return refuse('The stream', stream, 'give a ByteStream, which has start, send and drained')
}
