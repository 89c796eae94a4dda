/** The part of a `MessageEvent` (WHATWG) that {@link webSocketChannel} reads. */
export interface MessageLike {
  /** The message: an ArrayBuffer or a Uint8Array if it is binary, otherwise a string. */
  readonly data: unknown
}

/** The part of a `CloseEvent` (WHATWG) that {@link webSocketChannel} reads. */
export interface CloseLike {
  /** The close code (RFC 6455, section 7.4): 1000 for a normal closure. */
  readonly code: number
  /** The reason that the peer gave, or an empty string. */
  readonly reason: string
  /** True if the closing handshake was completed. */
  readonly wasClean: boolean
}

/** The part of a WebSocket that {@link webSocketChannel} uses. The platform's WebSocket (WHATWG) and that of the package `ws` both match. */
export interface WebSocketLike {
  /** The type of binary messages. The channel sets `arraybuffer` if it is `blob`. */
  binaryType: string
  /** 0 while connecting, 1 when open, 2 while closing, 3 when closed. */
  readonly readyState: number
  /** The number of bytes that `send` accepted and that were not sent yet. */
  readonly bufferedAmount: number
  /** The subprotocol that the server selected, or an empty string. */
  readonly protocol: string
  /**
   * Sends a binary message.
   *
   * @param written `ws` only: called when the message was handed to the system
   */
  send(message: Uint8Array, written?: () => void): void
  /** Starts the closing handshake. */
  close(code?: number, reason?: string): void
  /** Adds a listener for messages, for the close, for errors or for the opening. */
  addEventListener(type: 'message', listener: (event: MessageLike) => void): void
  addEventListener(type: 'close', listener: (event: CloseLike) => void): void
  addEventListener(type: 'error' | 'open', listener: (event: object) => void): void
  /** `ws` only: stops reading from the connection, so that the peer has to stop when the buffers are full. */
  pause?(): void
  /** `ws` only: continues reading after `pause`. */
  resume?(): void
  /** `ws` only: closes the connection without a closing handshake. */
  terminate?(): void
}

/** The part of the connection below a WebSocket that {@link webSocketChannel} uses. A Node.js stream matches. */
export interface ConnectionLike {
  /** Adds a listener for chunks, after the others. */
  on(event: 'data', listener: (chunk: Uint8Array) => void): unknown
  /** Adds a listener for chunks, before the others. */
  prependListener(event: 'data', listener: (chunk: Uint8Array) => void): unknown
}
