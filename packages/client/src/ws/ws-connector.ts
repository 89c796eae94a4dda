import { ClientError } from '../client-error.ts'
import type { Connector } from '../connector.ts'
import { openWebSocket } from './open-web-socket.ts'
import type { WebSocketConstructor, WebSocketOptions } from './ws-options.ts'
import { webSocketUrl } from './ws-url.ts'

/**
 * The connector of `ws()`, for checked options, which may include those of a client.
 *
 * @throws ClientError `INVALID_TARGET`; `INVALID_OPTION` without a WebSocket
 */
export function wsConnector(target: string | URL, { WebSocket: given }: WebSocketOptions): Connector {
  const url = webSocketUrl(target)
  const WebSocket = given ?? (globalThis as { readonly WebSocket?: WebSocketConstructor }).WebSocket
  if (WebSocket === undefined)
    throw new ClientError(
      'INVALID_OPTION',
      'this platform has no WebSocket (Node.js has one since version 22): give that of the package ws as the option WebSocket',
    )
  return {
    url,
    connect: (options) => openWebSocket(url, WebSocket, options),
  }
}
