import type { Server as HttpServer } from 'node:http'
import { Server as HttpsServer } from 'node:https'
import { type WebSocketLike, webSocketChannel } from '@frameport/framing/web-socket'
import type { WebSocket } from 'ws'
import type { Acceptor, AcceptorEvents } from './acceptor.ts'
import { checkPlace, checkWsOptions } from './ws/check-ws-options.ts'
import { listenHttp, parseWsEndpoint, urlOfServer } from './ws/own-http-server.ts'
import { Upgrades } from './ws/upgrades.ts'
import type { KnownPlace, WebSocketListenOptions, WebSocketPlace } from './ws/ws-options.ts'

export type { WebSocketListenOptions, WebSocketPlace }

/**
 * Creates an acceptor for WebSockets (RFC 6455), for browsers and for networks that only let HTTP through. Requires the
 * package `ws` to be installed.
 *
 * Each binary message is one envelope, and the subprotocol is `frameport.1`. Messages are not compressed.
 *
 * @example
 * ```ts
 * // At an existing HTTP server:
 * const http = createHttpServer().listen(8080)
 * await server.listen(ws({ server: http, path: '/chat' }))
 * // At an HTTP server of its own:
 * await server.listen(ws('ws://127.0.0.1:8081/chat', { origins: ['https://chat.example.com'] }))
 * ```
 *
 * @param place an HTTP or HTTPS server and a path, or `ws://HOST:PORT/PATH`
 * @throws ServerError `INVALID_OPTION`
 */
export function ws(place: WebSocketPlace | string, given: WebSocketListenOptions = {}): Acceptor {
  const options = checkWsOptions(given)
  if (typeof place !== 'string') return attached(checkPlace(place), options)
  const own = parseWsEndpoint(place)
  return {
    url: place,
    async listen(events) {
      const server = await listenHttp(own)
      const upgrades = upgradesAt({ server, path: own.path }, options, events)
      return {
        url: urlOfServer(server, own.path),
        async close() {
          upgrades.end()
          // Not awaited: it would wait for the connections, which stay open.
          server.close()
          // This does not close WebSockets. Other connections have nothing to wait for, and an incomplete request would
          // keep the server open.
          server.closeAllConnections()
        },
      }
    },
  }
}

function attached({ server, path }: KnownPlace, options: WebSocketListenOptions): Acceptor {
  const scheme = server instanceof HttpsServer ? 'wss' : 'ws'
  return {
    url: `${scheme}:${path}`,
    async listen(events) {
      const upgrades = upgradesAt({ server, path }, options, events)
      return {
        url: urlOfServer(server as HttpServer, path, scheme),
        close: async () => upgrades.end(),
      }
    },
  }
}

function upgradesAt(place: KnownPlace, options: WebSocketListenOptions, events: AcceptorEvents): Upgrades {
  const upgrades = new Upgrades(place, options, {
    accepted: (socket, connection, remoteEndpoint) =>
      events.accepted(webSocketChannel(asLike(socket), { connection }), { remoteEndpoint }),
    failed: (error) => events.acceptFailed(error),
  })
  upgrades.begin()
  return upgrades
}

/** The events of `ws` have their own classes, so the type does not match although the object does. */
function asLike(socket: WebSocket): WebSocketLike {
  return socket as unknown as WebSocketLike
}
