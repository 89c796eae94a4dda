import { createServer as createHttpServer, type Server as HttpServer } from 'node:http'
import { createClient } from '@frameport/client'
import { type WebSocketConstructor, ws as wsConnector } from '@frameport/client/ws'
import type { FrameChannel } from '@frameport/framing'
import type { Server } from '@frameport/server'
import { ws as wsAcceptor } from '@frameport/server/ws'
import { WebSocket } from 'ws'
import { rawPeerOnFrames } from './raw-peer.ts'
import { assertNothingLeft, type NewestEnds, realTime, type World } from './world.ts'

const openSockets = () => process.getActiveResourcesInfo().filter((name) => name === 'TCPSocketWrap').length

/** WebSockets of the package `ws` on both sides, and a server of node:http for each server. */
export function wsWorld(): World {
  const openBefore = openSockets()
  const clients: { $close(): Promise<void> }[] = []
  const newest: NewestEnds = { client: undefined, server: undefined }
  const https: HttpServer[] = []
  const urls = new Map<Server, Promise<string>>()
  const listen = async (server: Server) => {
    const http = createHttpServer()
    https.push(http)
    await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve))
    const acceptor = wsAcceptor({ server: http, path: '/frameport' })
    const listener = await server.listen({
      ...acceptor,
      listen: (events) =>
        acceptor.listen({
          ...events,
          accepted(channel, from) {
            newest.server = channel
            events.accepted(channel, from)
          },
        }),
    })
    return listener.url
  }
  const urlOf = (server: Server) => {
    const url = urls.get(server) ?? listen(server)
    urls.set(server, url)
    return url
  }
  const connectorOf = (url: string) => {
    const connector = wsConnector(url, { WebSocket: WebSocket as unknown as WebSocketConstructor })
    return {
      ...connector,
      async connect(options: Parameters<typeof connector.connect>[0]) {
        const channel = await connector.connect(options)
        newest.client = channel
        return channel
      },
    }
  }
  return {
    ...realTime,
    name: 'ws',
    remote: /^ws:\/\/127\.0\.0\.1:\d+$/,
    async connect(server, contract, options = {}) {
      const client = createClient(contract, connectorOf(await urlOf(server)), {
        reconnect: false,
        ...options,
      })
      clients.push(client)
      return client
    },
    async connectRaw(server) {
      const { connect } = connectorOf(await urlOf(server))
      const signal = new AbortController().signal
      return rawPeerOnFrames((await connect({ signal, timeoutMs: 10_000 })) as FrameChannel)
    },
    cut: (side) => newest[side]?.abort(),
    async close(server) {
      await Promise.all(clients.map((client) => client.$close()))
      await server.close()
      await Promise.all(https.map((http) => new Promise((resolve) => http.close(resolve))))
      await realTime.eventually('every socket is closed', () => openSockets() <= openBefore)
      assertNothingLeft(openSockets() > openBefore ? ['open sockets'] : [])
    },
  }
}
