import { MessageChannel, type MessagePort } from 'node:worker_threads'
import { type ByteStream, type FrameChannel, frameChannelOf } from '@frameport/framing'
import type { TlsFacts } from '@frameport/iocp-core/tls'
import { decodeEnvelope, envelopeKinds } from '@frameport/protocol/envelope'
import type { SessionEnvironment, SessionIds } from '@frameport/protocol/session'
import type { AcceptedFrom, Acceptor } from '../../acceptor.ts'
import type { Server } from '../../server-types.ts'
import { FramePort } from './frame-port.ts'
import { HandedChannel } from './handed-channel.ts'
import { carriedTls, type Offer, tlsFactsOf } from './offer.ts'
import { Relay } from './relay.ts'
import { ReturningChannel } from './returning-channel.ts'

/**
 * The length of the prefix of a session id: the serial number of the worker that owns it. It is unique in the pool,
 * also for a successor.
 */
const ownerBytes = 4

/**
 * Connections that this worker accepted for sessions of others, and connections that others accepted for sessions of
 * this one.
 */
export class HandOvers {
  /** For the environment of the servers. */
  readonly sessionIds: SessionIds
  readonly #environment: SessionEnvironment
  readonly #own = new Set<string>()
  readonly #owners = new Map<number, MessagePort>()
  readonly #servers: Server[] = []
  readonly #relays = new Set<Relay>()
  /** Called when no relay is left. */
  #idle: (() => void) | undefined

  /** @param serial the serial number of this worker */
  constructor(serial: number, environment: SessionEnvironment) {
    this.#environment = environment
    const prefix = new Uint8Array(ownerBytes)
    new DataView(prefix.buffer).setUint32(0, serial)
    this.sessionIds = {
      prefix,
      named: (id) => void this.#own.add(keyOf(id)),
      forgotten: (id) => void this.#own.delete(keyOf(id)),
    }
  }

  /** The number of connections that it accepted for other workers. */
  get relayed(): number {
    return this.#relays.size
  }

  /** Adds another worker. */
  connect(serial: number, port: MessagePort): void {
    this.#owners.set(serial, port)
    port.on('message', (offer: Offer) => this.#offered(offer))
    port.on('close', () => this.#owners.delete(serial))
    port.unref()
  }

  /** Settles when the connections of other workers have ended. */
  relaysEnded(): Promise<void> {
    return new Promise((resolve) => {
      this.#idle = resolve
      this.#tellIfIdle()
    })
  }

  /** Ends the relays; clients come back to their sessions through other workers. */
  cutRelays(): void {
    for (const relay of this.#relays) relay.cut('the worker that accepted the connection is ending')
  }

  close(): void {
    for (const port of this.#owners.values()) port.close()
  }

  /**
   * Wraps an acceptor so that connections go to the owners of their sessions. It is not released with its server,
   * because connections of other workers may continue.
   */
  acceptor(server: Server, acceptor: Acceptor): Acceptor {
    const index = this.#indexOf(server)
    return {
      url: acceptor.url,
      listen: (events) =>
        acceptor.listen({
          ...events,
          accepted: (connection, from = {}) =>
            events.accepted(this.#returning(connection, from, index, acceptor.url), from),
        }),
    }
  }

  #tellIfIdle(): void {
    if (this.#relays.size === 0) this.#idle?.()
  }

  #indexOf(server: Server): number {
    const index = this.#servers.indexOf(server)
    return index === -1 ? this.#servers.push(server) - 1 : index
  }

  #returning(
    connection: ByteStream | FrameChannel,
    from: AcceptedFrom,
    server: number,
    url: string,
  ): ByteStream | FrameChannel {
    if (this.#owners.size === 0) return connection
    return new ReturningChannel(frameChannelOf(connection), {
      first: (frame, channel) => {
        const sessionId = sessionIdOf(frame)
        const owner = sessionId && this.#ownerOf(sessionId)
        if (sessionId === undefined || owner === undefined) return undefined
        const { remoteEndpoint = url, tls } = from
        return this.#offer(owner, channel, frame, { server, sessionId, remoteEndpoint, tls: tls?.() })
      },
    })
  }

  #ownerOf(sessionId: Uint8Array): MessagePort | undefined {
    if (sessionId.length <= ownerBytes) return undefined
    const { buffer, byteOffset } = sessionId
    return this.#owners.get(new DataView(buffer, byteOffset).getUint32(0))
  }

  /** @returns whether the owner has taken the connection */
  #offer(
    owner: MessagePort,
    channel: ReturningChannel,
    hello: Uint8Array,
    facts: Pick<Offer, 'server' | 'remoteEndpoint'> & {
      readonly sessionId: Uint8Array
      readonly tls: TlsFacts | undefined
    },
  ): Promise<boolean> {
    const { port1, port2 } = new MessageChannel()
    return new Promise((resolve) => {
      let isTaken = false
      const port: FramePort = new FramePort(port1, {
        message: (message) => {
          if (message.kind === 'accepted') {
            isTaken = true
            this.#relays.add(relay)
            if (!channel.giveTo(relay)) relay.close(new Error('the connection is gone'))
            resolve(true)
          } else if (message.kind === 'refused') {
            port.close()
            resolve(false)
          } else relay.message(message)
        },
        taken: () => relay.taken(),
        closed: () => {
          if (isTaken) relay.cut('the worker that owns the session is gone')
          resolve(isTaken)
        },
      })
      const relay: Relay = new Relay(channel.inner, port, this.#environment, () => {
        this.#relays.delete(relay)
        this.#tellIfIdle()
      })
      const { receiveBytesMax, sendBytesMax, frameOverheadBytes } = channel
      const offer: Offer = {
        ...facts,
        sessionId: Uint8Array.from(facts.sessionId),
        tls: carriedTls(facts.tls),
        port: port2,
        hello: Uint8Array.from(hello),
        receiveBytesMax,
        sendBytesMax,
        frameOverheadBytes,
      }
      owner.postMessage(offer, [port2])
    })
  }

  #offered(offer: Offer): void {
    const channel = new HandedChannel(offer)
    const server = this.#servers[offer.server]
    if (server === undefined || !this.#own.has(keyOf(offer.sessionId))) {
      channel.refused()
      return
    }
    const { remoteEndpoint, tls } = offer
    try {
      server.accept(channel, { remoteEndpoint, tls: tlsFactsOf(tls) })
    } catch {
      // The session is closed, or has no room: the worker that accepted the connection refuses the client, or begins a
      // new session.
      channel.refused()
      return
    }
    channel.accepted()
  }
}

function keyOf(id: Uint8Array): string {
  return String.fromCharCode(...id)
}

/** Returns the session to which a client comes back; undefined if the frame is not a hello that resumes one. */
function sessionIdOf(frame: Uint8Array): Uint8Array | undefined {
  if (frame[0] !== envelopeKinds.hello) return undefined
  try {
    const hello = decodeEnvelope(frame)
    return hello.kind === 'hello' ? hello.resume?.session : undefined
  } catch {
    // The session reports what is wrong with the frame.
    return undefined
  }
}
