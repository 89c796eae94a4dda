import type { Endpoint } from '../endpoint/endpoint.ts'
import type { BackendName } from './backend-note.ts'

/** The result of {@link Connection.send}. The values are those of `SendVerdict` in `@frameport/framing`. */
export type SendVerdict = 'sent' | 'queued' | 'full' | 'closed'

/**
 * The callbacks of a connection. Their calls never overlap, and none follows `close`. If a callback throws, or returns a promise that rejects, the
 * connection is aborted with `CALLBACK_THREW`, and the error goes to `uncaughtException`. The connection does not wait for promises: the next
 * call may come before one has settled.
 */
export interface ConnectionSink {
  /**
   * Called with bytes that have arrived, at least one. The chunk is lent until this call returns, and overwritten afterwards: copy what you keep
   * (`chunk.slice()`).
   *
   * `chunk.buffer` is lent as well. On the native back ends, and on `net` for connections made by `connect`, it is the receive memory of the whole
   * port, which also contains bytes of other connections: read only the chunk. The buffer cannot be detached, moved or resized: `transfer`,
   * `structuredClone` and `postMessage` throw if it is in their transfer list (Node.js 20 copies it); without that list they copy all of it. If the
   * runtime has no such memory, `port.backendNotes` has the failed step `WebAssembly.Memory`, and chunks are copies with buffers of their own,
   * which may be transferred.
   */
  data(chunk: Uint8Array): void
  /** Called when the peer has ended its sending side. */
  end(): void
  /** Called when the send queue has fallen to its low watermark after a `send` that returned `full`. */
  drain(): void
  /** Called exactly once, as the last callback, when the connection is gone and its descriptor is closed. `error`: why it did not end in order. */
  close(error?: Error): void
}

/**
 * A connection of a port. Its shape is that of `ByteStream` in `@frameport/framing`.
 *
 * @example
 * ```ts
 * for await (const chunk of connection) console.log(chunk.length)
 * ```
 */
export interface Connection extends AsyncIterable<Uint8Array> {
  /** The number of the connection in its port, from 1. */
  readonly id: number
  /** The back end of the port. */
  readonly backend: BackendName
  /** The address of this side. */
  readonly localEndpoint: Endpoint
  /**
   * The address of the peer. On the native back ends it is the unspecified address (`0.0.0.0` or `::`) with port 0 if the peer reset the
   * connection before it was accepted.
   */
  readonly remoteEndpoint: Endpoint
  /** The number of bytes that `send` has accepted and whose send has not completed. */
  readonly queuedBytes: number
  /**
   * Begins to receive, and delivers to `sink`. Nothing is received before.
   *
   * @throws IocpError `INVALID_ARGUMENT` if one of the four functions of the sink is missing, `ALREADY_STARTED` for a second call. The connection is
   *   not affected by either
   */
  start(sink: ConnectionSink): void
  /**
   * Sends bytes: a Uint8Array (a Buffer is one) or an array of them, from any realm, also in shared memory. Before this returns, the bytes are
   * copied into the memory of the port, or handed to the kernel. Copying takes about 1 ms per MiB: send more than that in pieces.
   *
   * - `sent`: the kernel has all bytes
   * - `queued`: the port holds the bytes until the kernel takes them
   * - `full`: as `queued`, but the queue is over its high watermark although the kernel was asked to take more. Await `drained()`
   * - `closed`: the bytes were not accepted. The connection is ending, or the kernel has refused them; in that case `close` follows with the reason
   *
   * The sends of one turn of the event loop are submitted together at its end, so the verdict on a small one is returned before the kernel has
   * answered. If the kernel refuses, `close` follows, and further sends return `closed`.
   *
   * @throws IocpError `INVALID_ARGUMENT` for anything that is not bytes, and for bytes whose buffer was transferred. Nothing of the call is sent then.
   *   Own properties of a view, such as `length`, are ignored
   */
  send(bytes: Uint8Array | readonly Uint8Array[]): SendVerdict
  /** Resolves when the send queue is at or below its low watermark, or the connection is gone. Never rejects. */
  drained(): Promise<void>
  /** Stops receiving: neither `data` nor `end` follows until `resume`. The peer is stopped by TCP flow control. */
  pause(): void
  /** Undoes `pause`. */
  resume(): void
  /** Ends the sending side after everything that is queued (a half-close). The connection closes when both sides have ended. */
  end(): void
  /**
   * Ends both sides now, with a reset. What is queued, also in the kernel, is lost.
   *
   * @param error passed to `close`, which gets none without it. Any other value is wrapped in an IocpError `ABORTED` as its `cause`
   */
  abort(error?: Error): void
  /** Keeps the process alive while the connection is open. This is the default. No effect while its port is unref'd, and after it has closed. */
  ref(): void
  /**
   * Lets the process end although the connection is open, as `unref` of a socket of node:net does. Other connections of the port and its
   * listeners are not affected. On `net`, a write in progress keeps the process alive all the same.
   */
  unref(): void
  /**
   * Reads the connection. Unlike in `data`, the chunks are copies that the reader may keep. It starts the connection, so it throws
   * `ALREADY_STARTED` after `start`. Leaving the loop before its end aborts the connection.
   */
  [Symbol.asyncIterator](): AsyncIterator<Uint8Array>
}
