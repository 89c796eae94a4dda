import type { Endpoint } from '../endpoint/endpoint.ts'
import type { BackendName } from './backend-note.ts'

/** See {@link Connection.send}. The same words as the `SendVerdict` of `@frameport/framing`. */
export type SendVerdict = 'sent' | 'queued' | 'full' | 'closed'

/**
 * Where a connection delivers. Calls never overlap, and none comes after `close`. A callback that throws, or returns a
 * promise that rejects, aborts its connection with `CALLBACK_THREW`, and the error goes to `uncaughtException`. Nothing
 * waits for a promise: the next call may come before it has settled.
 */
export interface ConnectionSink {
  /**
   * Bytes arrived, at least one. Lent until this call returns, overwritten afterwards; copy (`chunk.slice()`) what stays.
   *
   * `chunk.buffer` is lent with them. On the native back ends, and on `net` for connections that were made by `connect`,
   * it is the receive memory of the whole port, in which the bytes of other connections lie, too: read nothing there
   * but the chunk. It cannot be detached, moved or resized: `transfer`, `structuredClone` and `postMessage` with it in
   * the list of transfers throw, or copy (Node 20); without that list they copy all of it. Where the runtime has no
   * such memory (`port.backendNotes` then has the step `WebAssembly.Memory`), chunks are copies with buffers of their
   * own, which may be given away.
   */
  data(chunk: Uint8Array): void
  /** The peer ended its sending side. */
  end(): void
  /** The send queue fell to its low watermark after a `full` verdict. */
  drain(): void
  /** The connection is gone and its descriptor closed. Exactly once, and last. */
  close(error?: Error): void
}

/**
 * One connection of a port. It satisfies the `ByteStream` of `@frameport/framing` by its shape alone.
 */
export interface Connection extends AsyncIterable<Uint8Array> {
  readonly id: number
  readonly backend: BackendName
  readonly localEndpoint: Endpoint
  /**
   * The peer's end. Of an accepted connection whose peer had reset it before it was accepted, natively: the unspecified
   * address (`0.0.0.0` or `::`) with port 0.
   */
  readonly remoteEndpoint: Endpoint
  /** Bytes accepted by `send` whose send has not completed. */
  readonly queuedBytes: number
  /**
   * Begins delivery. Receiving starts here, not before.
   *
   * @throws IocpError `INVALID_ARGUMENT` for a sink without one of its four functions, `ALREADY_STARTED` for a second
   *   call. The connection is as before then.
   */
  start(sink: ConnectionSink): void
  /**
   * Submits a send: one Uint8Array (a Buffer is one) or an array of them, of whatever realm, in shared memory, too.
   * Bytes are copied into the port's memory (or taken by the kernel) before this returns. Copying takes about 1 ms for
   * each MiB: send what is longer in pieces.
   *
   * - `sent`: the kernel has all
   * - `queued`: the port owns them until their completion
   * - `full`: as queued, over the high watermark, and the kernel has been asked whether it takes more
   * - `closed`: not taken. The connection is ending, or the kernel has refused them: then `close` follows, and its
   *   error says why.
   *
   * Sends of one turn of the event loop are submitted together at its end, so the verdict on a small one cannot know
   * yet what the kernel will say. When it refuses, `close` follows, and further sends are `closed`.
   *
   * @throws IocpError `INVALID_ARGUMENT` for anything but bytes, and for bytes whose buffer was transferred: nothing of
   *   the call is sent. Lengths are those of the views themselves, whatever their properties of that name say.
   */
  send(bytes: Uint8Array | readonly Uint8Array[]): SendVerdict
  drained(): Promise<void>
  pause(): void
  resume(): void
  end(): void
  abort(error?: Error): void
  /** Keeps the process alive while it is open (the default). No-op while its port is unref'd, and once it has closed. */
  ref(): void
  /**
   * Lets the process end although it is open, as `unref` of a socket of node:net does. Other connections of the port, and its
   * listeners, are not touched. On `net` what is being written holds the process all the same.
   */
  unref(): void
  /** The copying reader: each chunk is the receiver's own. Starts the connection; leaving the loop aborts it. */
  [Symbol.asyncIterator](): AsyncIterator<Uint8Array>
}
