/** What comes with the messages of a WebSocket. */
export interface MessageLike {
  readonly data: unknown
}

/** What comes when a WebSocket closes (WHATWG, CloseEvent). */
export interface CloseLike {
  readonly code: number
  readonly reason: string
  readonly wasClean: boolean
}

/** What is used of a WebSocket of the platform (WHATWG), or of one of the package `ws`, which can do more. */
export interface WebSocketLike {
  binaryType: string
  /** 0 while it connects, 1 when it is open. */
  readonly readyState: number
  readonly bufferedAmount: number
  /** The subprotocol that the server has selected. */
  readonly protocol: string
  /** @param written of `ws` only: called when the message has left for the system */
  send(message: Uint8Array, written?: () => void): void
  close(code?: number, reason?: string): void
  addEventListener(type: 'message', listener: (event: MessageLike) => void): void
  addEventListener(type: 'close', listener: (event: CloseLike) => void): void
  addEventListener(type: 'error' | 'open', listener: (event: object) => void): void
  /** Of `ws` only: stops reading the connection, so that the peer is stopped before long. */
  pause?(): void
  resume?(): void
  /** Of `ws` only: closes without a handshake. */
  terminate?(): void
}

/** What is used of the connection below a WebSocket: a stream of Node.js. */
export interface ConnectionLike {
  on(event: 'data', listener: (chunk: Uint8Array) => void): unknown
  prependListener(event: 'data', listener: (chunk: Uint8Array) => void): unknown
}
