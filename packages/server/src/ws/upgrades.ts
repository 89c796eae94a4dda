import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { defaultConnectionLimits } from '@frameport/protocol/session'
import { type WebSocket, WebSocketServer } from 'ws'
import { endpointOf, isAllowedOrigin } from './asked-options.ts'
import { refuseUpgrade } from './refuse-upgrade.ts'
import { takeUpgrades } from './shared-upgrades.ts'
import type { KnownPlace, WebSocketListenOptions } from './ws-options.ts'

/** By which both sides know each other. */
const subprotocol = 'frameport.1'

/** What a message may have over the limit before `ws` cuts the connection: up to there the session finds it, and tells the peer. */
const slackBytes = 64 * 1024

/** A ping is not answered while more than this waits for a peer that does not read: each pong would wait behind it. */
const pongQueueBytesMax = 64 * 1024

/** A message comes in one frame, or in frames of some size (Chromium: 128 KiB). Each is an object, and keeps the chunk that it was in. */
const fragmentBytesMin = 16 * 1024
const fragmentsSlack = 16

/** A frame comes in chunks of the network, the smallest of which that are usual (RFC 9293, section 3.7.1) have 536 bytes. Each is an object. */
const chunkBytesMin = 512
const chunksSlack = 128

export interface UpgradeEvents {
  /** @param from where the options say that it is */
  accepted(socket: WebSocket, connection: Duplex, from: string): void
  /** A request was refused for this: a function of the options threw, or somebody else has taken it already. */
  failed(error: Error): void
}

/** Makes WebSockets of the requests for them that come to a server of HTTP, as far as they are for Frameport. */
export class Upgrades {
  readonly #place: KnownPlace
  readonly #options: WebSocketListenOptions
  readonly #events: UpgradeEvents
  readonly #webSockets: WebSocketServer
  #end: (() => void) | undefined

  constructor(place: KnownPlace, options: WebSocketListenOptions, events: UpgradeEvents) {
    this.#place = place
    this.#options = options
    this.#events = events
    const maxPayload = (options.messageBytesMax ?? defaultConnectionLimits.frameBytesMax) + slackBytes
    this.#webSockets = new WebSocketServer({
      noServer: true,
      // Each envelope would be compressed alone, in memory that a peer could make this side take.
      perMessageDeflate: false,
      maxPayload,
      maxFragments: Math.ceil(maxPayload / fragmentBytesMin) + fragmentsSlack,
      maxBufferedChunks: Math.ceil(maxPayload / chunkBytesMin) + chunksSlack,
      handleProtocols: () => subprotocol,
      // Envelopes are bytes, and what is said of a WebSocket is not shown to anybody.
      skipUTF8Validation: true,
      autoPong: false,
    })
  }

  /** @throws Error when its path is taken */
  begin(): void {
    this.#end = takeUpgrades(this.#place, (request, socket, head) => this.#upgrade(request, socket, head))
  }

  end(): void {
    this.#end?.()
  }

  #upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const asked = (request.headers['sec-websocket-protocol'] ?? '').split(',').map((name) => name.trim())
    if (!asked.includes(subprotocol))
      refuseUpgrade(
        socket,
        '400 Bad Request',
        `request the subprotocol ${subprotocol}: this WebSocket speaks Frameport`,
      )
    else this.#check(request, socket, head)
  }

  #check(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const { origins, remoteEndpoint } = this.#options
    let from: string
    try {
      if (!isAllowedOrigin(request, origins)) {
        refuseUpgrade(
          socket,
          '403 Forbidden',
          'pages of this origin may not connect (see the option origins)',
        )
        return
      }
      from = endpointOf(request, remoteEndpoint)
    } catch (cause) {
      refuseUpgrade(socket, '500 Internal Server Error', 'the server could not check this request')
      this.#events.failed(new Error('a function of the options of ws() threw for a request', { cause }))
      return
    }
    try {
      this.#webSockets.handleUpgrade(request, socket, head, (webSocket) =>
        this.#opened(webSocket, socket, from),
      )
    } catch (cause) {
      // Another listener of this server of HTTP has answered it. Thrown on, this would be uncaught.
      this.#events.failed(
        new Error('another listener of the HTTP server answered a request for a Frameport WebSocket', {
          cause,
        }),
      )
    }
  }

  #opened(webSocket: WebSocket, connection: Duplex, from: string): void {
    webSocket.on('ping', (data) => {
      if (webSocket.bufferedAmount <= pongQueueBytesMax) webSocket.pong(data)
    })
    this.#events.accepted(webSocket, connection, from)
  }
}
