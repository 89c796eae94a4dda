import type { Server as HttpServer, IncomingMessage } from 'node:http'
import type { Server as HttpsServer } from 'node:https'

/** An existing HTTP server, and the path at which it accepts WebSockets. */
export interface WebSocketPlace {
  /**
   * A server of `node:http` or `node:https`. Its other requests, and WebSockets at other paths, are not affected. It is
   * not closed with the listener.
   */
  readonly server: HttpServer | HttpsServer
  /** The path, which starts with `/` and has no query: `/chat`. Default: `/`. */
  readonly path?: string | undefined
}

/** A {@link WebSocketPlace} with its path. */
export interface KnownPlace {
  readonly server: WebSocketPlace['server']
  readonly path: string
}

/** The options of {@link ws}. */
export interface WebSocketListenOptions {
  /**
   * The web pages that may connect, by their origin (`Origin`, RFC 6454): an array such as
   * `['https://chat.example.com']`, `any` for all pages, or a function that returns true for an allowed origin. A
   * browser sends the user's cookies with the request of any page, so this check keeps other pages out. Default: pages
   * whose host is the `Host` of the request; list the origins if you know the names of this server. A request without
   * an origin does not come from a page and is not refused.
   */
  readonly origins?:
    | 'any'
    | readonly string[]
    | ((origin: string, request: IncomingMessage) => boolean)
    | undefined
  /**
   * The maximum length of a message in bytes. A longer one ends the connection before it is read. Default: 1 MiB, the
   * default of `frameBytesMax`.
   */
  readonly messageBytesMax?: number | undefined
  /**
   * Returns the address of a client, for its share and the logs: an IP address (`192.0.2.1`, `2001:db8::1`), or a URL
   * (`ws://[2001:db8::1]:51234`). Default: the remote address of the socket. Behind a proxy, that is the address of the
   * proxy for all clients: read the header that your proxy sets, and only if every request comes through the proxy. If
   * the function throws or returns a promise, the request is refused.
   */
  readonly remoteEndpoint?: ((request: IncomingMessage) => string) | undefined
}
