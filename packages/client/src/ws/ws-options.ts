import type { WebSocketLike } from '@frameport/framing/web-socket'

/** Makes a WebSocket that connects. The platform's `WebSocket` is one, and that of the package `ws`. */
export type WebSocketConstructor = new (url: string, protocols: string[]) => WebSocketLike

/** What a client says of WebSockets. */
export interface WebSocketOptions {
  /**
   * What makes WebSockets. Default: the `WebSocket` of the platform, which browsers, Deno, Bun and Node.js from 22 on have. For Node.js 20: that of the
   * package `ws`, which takes headers, too: `class extends WebSocket { constructor(url, protocols) { super(url, protocols, { headers }) } }`.
   */
  readonly WebSocket?: WebSocketConstructor | undefined
}
