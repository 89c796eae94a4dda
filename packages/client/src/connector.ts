import type { ByteStream, FrameChannel } from '@frameport/framing'

/**
 * Makes the connections of a client. `tcp()` of `@frameport/client/tcp` returns one. docs/transports.md of the repository explains how to write
 * one for another transport.
 *
 * @example
 * ```ts
 * const connector: Connector = {
 *   url: 'serial:/dev/ttyS0',
 *   connect: async ({ signal }) => await openSerial('/dev/ttyS0', signal),
 * }
 * ```
 */
export interface Connector {
  /** The address to which it connects, for people and logs: `tcp://127.0.0.1:5500`. */
  readonly url: string
  /**
   * Connects once. Resolves with a channel of frames, or with a byte stream in which each frame has a length prefix. Rejects with an error whose
   * message says what failed. A client that reconnects calls it each time.
   *
   * @param options.again true if the same client has called it before: what {@link release} frees is still held for that client
   * @param options.timeoutMs the time limit in milliseconds: reject when it is over, and say what was awaited
   * @param options.signal aborted when the client no longer needs the connection, and 100 ms after `timeoutMs`: free everything and reject. A
   *   connection that arrives later is aborted
   */
  connect(options: {
    readonly signal: AbortSignal
    readonly timeoutMs: number
    readonly again?: boolean | undefined
  }): Promise<FrameChannel | ByteStream>
  /**
   * Called once for each client that has called `connect`, when the client is closed and its connections have ended.
   * Its errors go to `onUncaught`.
   */
  release?(): void
}
