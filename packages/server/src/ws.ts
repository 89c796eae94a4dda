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
 * Accepts WebSockets, for pages in a browser and where only HTTP comes through. It needs the package `ws`, which has to be installed beside this one.
 *
 * ```ts
 * const http = createHttpServer(pages).listen(8080)
 * await server.listen(ws({ server: http, path: '/chat' }))
 * await server.listen(ws('ws://127.0.0.1:8081/chat', { origins: ['https://chat.example.com'] })) // a server of HTTP of its own
 * ```
 *
 * One binary message is one envelope, and the subprotocol is `frameport.1`. Messages are not compressed.
 *
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
          // Its promise would wait for the connections, which live on.
          server.close()
          // WebSockets are not among these. The others have nothing to wait for, and half a request would keep the server.
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

/** Its events have classes of their own. */
function asLike(socket: WebSocket): WebSocketLike {
  return socket as unknown as WebSocketLike
}
