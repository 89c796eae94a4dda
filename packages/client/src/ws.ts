import type { Connector } from './connector.ts'
import { checkWsOptions } from './ws/check-ws-options.ts'
import { wsConnector } from './ws/ws-connector.ts'
import type { WebSocketConstructor, WebSocketOptions } from './ws/ws-options.ts'

export type { WebSocketConstructor, WebSocketOptions }

/**
 * Returns a connector over a WebSocket (RFC 6455), with one message for each envelope: for browsers, and for networks that pass only HTTP.
 * `createClient(chat, 'wss://chat.example.com/frameport')` makes the same.
 *
 * @example
 * ```ts
 * const client = createClient(chat, ws('wss://chat.example.com/frameport'))
 * ```
 *
 * @param url `wss://HOST/PATH` or `ws://HOST/PATH`; `https:` and `http:` stand for the same. In a page it may be relative to the page
 * @throws ClientError `INVALID_OPTION`, `INVALID_TARGET`
 */
export function ws(url: string | URL, options: WebSocketOptions = {}): Connector {
  return wsConnector(url, checkWsOptions(options))
}
