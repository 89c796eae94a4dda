import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { defaultConnectionLimits } from '@frameport/protocol/session'
import { type WebSocket, WebSocketServer } from 'ws'
import { endpointOf, isAllowedOrigin } from './asked-options.ts'
import { refuseUpgrade } from './refuse-upgrade.ts'
import { takeUpgrades } from './shared-upgrades.ts'
import type { KnownPlace, WebSocketListenOptions } from './ws-options.ts'

/** The name by which both sides recognise the protocol. */
const subprotocol = 'frameport.1'

/**
 * The length by which a message may exceed the limit before `ws` cuts the connection: up to it, the session reports the
 * error to the peer.
 */
const slackBytes = 64 * 1024

/**
 * A ping is not answered while more than this waits for a peer that does not read, because each pong would also wait.
 */
const pongQueueBytesMax = 64 * 1024

/**
 * A message consists of frames of a certain size (Chromium: 128 KiB). Each frame is an object that keeps its chunk
 * alive.
 */
const fragmentBytesMin = 16 * 1024
const fragmentsSlack = 16

/**
 * A frame arrives in chunks, the smallest usual ones of 536 bytes (RFC 9293, section 3.7.1). Each chunk is an object.
 */
const chunkBytesMin = 512
const chunksSlack = 128

export interface UpgradeEvents {
  /** @param from the address of the client, by the options */
  accepted(socket: WebSocket, connection: Duplex, from: string): void
  /** A request was refused because a function in the options threw, or other code had already taken it. */
  failed(error: Error): void
}

/** Accepts the WebSocket requests to an HTTP server that are for Frameport. */
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
      // Each envelope would be compressed separately, and a peer could make this side use much memory.
      perMessageDeflate: false,
      maxPayload,
      maxFragments: Math.ceil(maxPayload / fragmentBytesMin) + fragmentsSlack,
      maxBufferedChunks: Math.ceil(maxPayload / chunkBytesMin) + chunksSlack,
      handleProtocols: () => subprotocol,
      // Envelopes are bytes, and close reasons of a WebSocket are not shown.
      skipUTF8Validation: true,
      autoPong: false,
    })
  }

  /** @throws Error if its path is taken */
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
      // Another listener of the HTTP server has answered the request. If this were rethrown, it would be uncaught.
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
