import { isObject, refuse } from '../support/checked-objects.ts'

/**
 * The result of {@link ByteStream.send} and {@link FrameChannel.send}.
 *
 * - `sent`: the kernel (or the peer, in memory) has all bytes, and nothing of this stream is queued.
 * - `queued`: the stream keeps the bytes and will send them in order.
 * - `full`: like `queued`, but the queue is now above its high watermark. Wait for {@link ByteStream.drained} before you send more.
 *   Nothing was dropped.
 * - `closed`: the bytes were not accepted, because the stream has ended its sending side or is closed.
 */
export type SendVerdict = 'sent' | 'queued' | 'full' | 'closed'

/**
 * Receives what a {@link ByteStream} delivers. Calls never overlap, and no call follows `close`. Call the methods on the sink:
 * `socket.on('data', (chunk) => sink.data(chunk))`. A sink of this package throws if a method is detached from it.
 */
export interface ByteStreamSink {
  /**
   * Called when bytes arrive, at least one. The chunk is lent: it is valid until this call returns and overwritten afterwards. Copy
   * bytes that you need later.
   */
  data(chunk: Uint8Array): void
  /** Called when the peer has ended its sending side. No `data` follows. Sending is still possible. */
  end(): void
  /** Called when the queue has fallen to its low watermark after `send` returned `full`. */
  drain(): void
  /**
   * Called exactly once, as the last call, when the stream is closed and holds no more bytes.
   *
   * @param error the reason why the stream broke; absent after an orderly end of both sides
   */
  close(error?: Error): void
}

/**
 * An ordered, reliable stream of bytes with back-pressure in both directions. This interface separates frames from transports: connections
 * of `@frameport/iocp-core`, in-memory pairs and simulated networks implement it, and so can your own transport.
 */
export interface ByteStream {
  /** The number of bytes that `send` accepted and the kernel has not taken yet. */
  readonly queuedBytes: number
  /**
   * Begins delivery to `sink`, with the bytes that arrived earlier. Call it once: a second call throws. A stream may deliver before
   * `start` returns only if its documentation says so. The streams of Frameport never do.
   */
  start(sink: ByteStreamSink): void
  /**
   * Sends bytes, or an array of parts as one piece. The bytes are copied or sent before this returns, and the array is not kept, so the caller may
   * reuse both at once. An empty send is allowed and does nothing.
   */
  send(bytes: Uint8Array | readonly Uint8Array[]): SendVerdict
  /** Resolves when the queue is at or below its low watermark, or when the stream is closed. Never rejects. */
  drained(): Promise<void>
  /** Stops the delivery of `data`. When the buffers are full, the peer has to stop as well. Idempotent. */
  pause(): void
  /** Continues the delivery after `pause`. Idempotent. */
  resume(): void
  /** Ends the sending side once the queue is sent. Receiving continues until the peer ends. Idempotent. */
  end(): void
  /**
   * Closes both sides at once and drops the queue. `close` follows, with `error` if one is given. Idempotent: the first reason
   * counts.
   */
  abort(error?: Error): void
}

/** Returns true if `value` has the methods that distinguish a byte stream from other sources and sinks. */
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
