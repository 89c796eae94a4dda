import type { Server as HttpServer, IncomingMessage } from 'node:http'
import type { Server as HttpsServer } from 'node:https'

/** Where WebSockets are accepted: at a server of node:http or node:https that listens already, or at one of their own. */
export interface WebSocketPlace {
  /** Its other requests, and WebSockets at other paths, are left to it. It is not closed with the listener. */
  readonly server: HttpServer | HttpsServer
  /** Default `/`. A query is not part of it. */
  readonly path?: string | undefined
}

/** The same, with a path in any case. */
export interface KnownPlace {
  readonly server: WebSocketPlace['server']
  readonly path: string
}

export interface WebSocketListenOptions {
  /**
   * The pages that may connect, by the origin that their browser tells (`Origin`, RFC 6454): `https://chat.example.com`; `any` for all; or a function that decides. A
   * browser sends the cookies of a user with the request of any page: this is what keeps other pages out. Default: pages of the same host, whatever it is called: name the
   * origins where the names of this server are known. What sends no origin is not a page, and is not refused.
   */
  readonly origins?:
    | 'any'
    | readonly string[]
    | ((origin: string, request: IncomingMessage) => boolean)
    | undefined
  /** The longest message. More ends the connection before it is read. Default 1 MiB, as `frameBytesMax` of a connection. */
  readonly messageBytesMax?: number | undefined
  /**
   * Where a client is, for its share and the logs: an address (`192.0.2.1`, `2001:db8::1`), or a URL (`ws://[2001:db8::1]:51234`). Default: the other end of the socket. Behind a proxy that
   * is the proxy, for all clients: read the header that the proxy sets, and trust it only there. What throws, or gives a promise, refuses the request.
   */
  readonly remoteEndpoint?: ((request: IncomingMessage) => string) | undefined
}
