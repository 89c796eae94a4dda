import type { ByteStream, FrameChannel } from '@frameport/framing'

/** Makes the connection that a client speaks over. `tcp()` of `@frameport/client/tcp` makes one. */
export interface Connector {
  /** Where to: `tcp://127.0.0.1:5500`. For people and logs. */
  readonly url: string
  /**
   * Connects once: gives a channel of frames, or a stream of bytes in which each frame has a length prefix. Rejects with
   * an error whose text says what was wrong.
   *
   * A client that connects again calls it each time.
   *
   * @param options.again true for a client that has called it before: what {@link release} frees is still held for it
   * @param options.timeoutMs keep to it: reject then, and say what was waited for
   * @param options.signal is aborted when the client is closed meanwhile, or does not need it any more, and 100 ms after `timeoutMs`: free everything
   *   and reject. Nobody waits for a connection that comes after it; it is aborted.
   */
  connect(options: {
    readonly signal: AbortSignal
    readonly timeoutMs: number
    readonly again?: boolean | undefined
  }): Promise<FrameChannel | ByteStream>
  /**
   * Called once, when the client is closed and its connections gone; once for each client that has called `connect`.
   * What it throws goes to `onUncaught`.
   */
  release?(): void
}
