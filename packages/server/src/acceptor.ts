import type { ByteStream, FrameChannel } from '@frameport/framing'
import type { ServerCertificates, TlsFacts } from '@frameport/iocp-core/tls'

/** The origin of an accepted connection, for logs and handlers. */
export interface AcceptedFrom {
  /**
   * The address of the client as a URL. Default: the `url` of the acceptor, or `memory:` for a connection that was
   * given to `server.accept`.
   */
  readonly remoteEndpoint?: string | undefined
  /**
   * Returns the facts of the TLS handshake, or undefined before it. Called on each access to `connection.tls`. Default:
   * a connection without TLS.
   */
  readonly tls?: (() => TlsFacts | undefined) | undefined
}

/**
 * Accepts connections for a server. `tcp()` of `@frameport/server/tcp` returns one; `docs/transports.md` shows how to
 * write one.
 */
export interface Acceptor {
  /** The address, for people and logs: `tcp://127.0.0.1:5500`. */
  readonly url: string
  /** Binds the address and accepts connections from then on. Rejects with an error whose text says what went wrong. */
  listen(events: AcceptorEvents): Promise<AcceptorListener>
  /**
   * Called once after `listen` was called, when the server has closed and its connections and listeners are gone. The
   * server waits for it for at most `transportCloseTimeoutMs`, and logs what it throws.
   */
  release?(): void | Promise<void>
}

/** The methods that an acceptor calls. They can be called without their object, and they never throw. */
export interface AcceptorEvents {
  /**
   * Hands over a connection: a channel of frames, or a stream of bytes in which each frame has a length prefix. The
   * server owns it from then on. If the server refuses it (too many connections, or the server is closing), it aborts
   * and logs the connection.
   */
  accepted(connection: FrameChannel | ByteStream, from?: AcceptedFrom): void
  /** Reports that accepting failed and will be retried. The server logs a warning. */
  acceptFailed(error: Error): void
}

/** A bound address that accepts connections. */
export interface AcceptorListener {
  /** The address with the actual port: `tcp://127.0.0.1:5500`. */
  readonly url: string
  /** The name of the I/O back end, if the transport has a choice: `io_uring`. */
  readonly backend?: string
  /** All addresses, if there are several: a host name is bound on each of its addresses. `url` is the first. */
  readonly urls?: readonly string[] | undefined
  /** The bound address as an object, if the transport has one. */
  readonly endpoint?: object
  /** Replaces the certificates for later handshakes. Only for a listener with TLS. */
  replaceCertificates?(certificates: ServerCertificates): void
  /**
   * Stops accepting; accepted connections stay open. The server calls it once and waits for it for at most
   * `transportCloseTimeoutMs`. The `close` of the listener that `server.listen` returns can be called repeatedly.
   */
  close(): Promise<void>
}
