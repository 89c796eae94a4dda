import type { WebSocketLike } from '@frameport/framing/web-socket'

/** A class of WebSockets (RFC 6455): the `WebSocket` of the platform, or that of the npm package `ws`. */
export type WebSocketConstructor = new (url: string, protocols: string[]) => WebSocketLike

/** Options of a connection over a WebSocket. */
export interface WebSocketOptions {
  /**
   * The class that makes WebSockets. Default: the `WebSocket` of the platform, which browsers, Deno, Bun and Node.js since version 22 have. In
   * Node.js 20, give that of the npm package `ws`. To send HTTP headers, give a subclass of it:
   * `class extends WebSocket { constructor(url, protocols) { super(url, protocols, { headers }) } }`.
   */
  readonly WebSocket?: WebSocketConstructor | undefined
}
