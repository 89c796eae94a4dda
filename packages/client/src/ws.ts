import type { Connector } from './connector.ts'
import { checkWsOptions } from './ws/check-ws-options.ts'
import { wsConnector } from './ws/ws-connector.ts'
import type { WebSocketConstructor, WebSocketOptions } from './ws/ws-options.ts'

export type { WebSocketConstructor, WebSocketOptions }

/**
 * Connects by a WebSocket, one message for each envelope: for browsers, and where only HTTP comes through.
 *
 * ```ts
 * const client = createClient(chat, ws('wss://chat.example.com/frameport'))
 * ```
 *
 * `createClient(chat, 'wss://chat.example.com/frameport')` does the same. In a page the URL may be relative to it.
 *
 * @throws ClientError `INVALID_OPTION`, `INVALID_TARGET`
 */
export function ws(url: string | URL, options: WebSocketOptions = {}): Connector {
  return wsConnector(url, checkWsOptions(options))
}
