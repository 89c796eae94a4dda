import type { ByteStream, FrameChannel } from '@frameport/framing'
import type { ServerCertificates, TlsFacts } from '@frameport/iocp-core/tls'

/** Where an accepted connection comes from, for logs and handlers. */
export interface AcceptedFrom {
  /** Default: the `url` of the acceptor, and `memory:` of a connection that is given to `accept`. */
  readonly remoteEndpoint?: string | undefined
  /** Of a connection with TLS: asked each time that somebody wants to know, since its handshake may come later. */
  readonly tls?: (() => TlsFacts | undefined) | undefined
}

/** Accepts connections for a server. `tcp()` of `@frameport/server/tcp` makes one. */
export interface Acceptor {
  /** Where: `tcp://127.0.0.1:5500`. For people and logs. */
  readonly url: string
  /** Binds, and accepts from then on. Rejects with an error whose text says what was wrong. */
  listen(events: AcceptorEvents): Promise<AcceptorListener>
  /**
   * Called once, when the server is closed and its connections and listeners are gone. Never called if `listen` was not.
   * Waited for at most `transportCloseTimeoutMs`; what it throws is in the server's log.
   */
  release?(): void | Promise<void>
}

/** What an acceptor tells the server. The methods can be taken off, and none throws, whatever it is given. */
export interface AcceptorEvents {
  /**
   * A connection: a channel of frames, or a stream of bytes in which each frame has a length prefix. The server owns it
   * from then on. One that it does not take (too many, the server closes) is aborted and logged.
   */
  accepted(connection: FrameChannel | ByteStream, from?: AcceptedFrom): void
  /** Accepting failed and will be retried. */
  acceptFailed(error: Error): void
}

export interface AcceptorListener {
  /** With the real port: `tcp://127.0.0.1:5500`. */
  readonly url: string
  /** What it runs on, where there is a choice. */
  readonly backend?: string
  /** All of them, where there may be several: a name is listened at on each of its addresses. `url` is the first. */
  readonly urls?: readonly string[] | undefined
  /** The bound address as an object, where there is one. */
  readonly endpoint?: object
  /** Of one with TLS: the next handshakes have these. */
  replaceCertificates?(certificates: ServerCertificates): void
  /**
   * Stops accepting; connections live on. The server calls it once, and waits for it at most `transportCloseTimeoutMs`;
   * its `listen` gave a listener whose `close` can be called again.
   */
  close(): Promise<void>
}
