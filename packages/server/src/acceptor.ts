import type { ByteStream, FrameChannel } from '@frameport/framing'

/** Where an accepted connection comes from, for logs and handlers. */
export interface AcceptedFrom {
  /** Default `memory:`. */
  readonly remoteEndpoint?: string
}

/** Accepts connections for a server. `tcp()` of `@frameport/server/tcp` makes one. */
export interface Acceptor {
  /** Where: `tcp://127.0.0.1:5500`. For people and logs. */
  readonly url: string
  /** Binds, and accepts from then on. Rejects with an error whose text says what was wrong. */
  listen(events: AcceptorEvents): Promise<AcceptorListener>
  /** Called once, when the server is closed and its connections are gone. Never called if `listen` was not. */
  release?(): void | Promise<void>
}

/** What an acceptor tells the server. No method throws. */
export interface AcceptorEvents {
  /** A connection: a channel of frames, or a stream of bytes in which each frame has a length prefix. */
  accepted(connection: FrameChannel | ByteStream, from: AcceptedFrom): void
  /** Accepting failed and will be retried. */
  acceptFailed(error: Error): void
}

export interface AcceptorListener {
  /** With the real port: `tcp://127.0.0.1:5500`. */
  readonly url: string
  /** What it runs on, where there is a choice. */
  readonly backend?: string
  /** The bound address as an object, where there is one. */
  readonly endpoint?: object
  /** Stops accepting; connections live on. Idempotent. */
  close(): Promise<void>
}
