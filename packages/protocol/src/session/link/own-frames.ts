import { emptyBody, encodeBody } from '../../envelope/codec.ts'
import { decodeEnvelope } from '../../envelope/decode-envelope.ts'
import { noMetadata } from '../../envelope/envelope-parts.ts'
import { withArticle } from '../../envelope/kinds.ts'
import type {
  CredentialsEnvelope,
  GoawayEnvelope,
  LinkEnvelope,
  PingEnvelope,
} from '../../envelope/link-envelopes.ts'
import { Allowance } from '../common/allowance.ts'
import { SessionFault, violation } from '../common/session-fault.ts'
import type { LinkOptions, LinkResume } from './link-types.ts'

export interface OwnFramesEvents {
  /** Of the session above; undefined for one that ends with its link. */
  readonly resumption: LinkResume | undefined
  /** The peer is answered. */
  answer(envelope: LinkEnvelope): void
  goaway(envelope: GoawayEnvelope): void
}

/** The envelopes of an open link that are about the connection itself. */
export class OwnFrames {
  readonly #options: LinkOptions
  readonly #events: OwnFramesEvents
  /** Our own side sends one per silent interval. */
  readonly #pings: Allowance

  constructor(options: LinkOptions, events: OwnFramesEvents) {
    const { environment, limits } = options
    this.#options = options
    this.#events = events
    this.#pings = new Allowance(environment, { burst: limits.pingsBurstMax, perSecond: 1 })
  }

  /** @throws SessionFault for an envelope that is not allowed now, ProtocolError for one that is not valid */
  frame(payload: Uint8Array): void {
    const envelope = decodeEnvelope(payload, this.#options.limits)
    switch (envelope.kind) {
      case 'ping':
        this.#received(envelope)
        this.#pong(envelope.token)
        break
      case 'pong':
        this.#received(envelope)
        break
      case 'ack':
        this.#events.resumption?.acknowledged(envelope.received)
        break
      case 'goaway':
        this.#events.goaway(envelope)
        break
      case 'challenge':
      case 'credentials':
        this.#credentials(envelope)
        break
      case 'verdict':
      case 'ignorable':
        break
      default:
        throw violation(`${withArticle(envelope.kind)} after the handshake`)
    }
  }

  /** New credentials on an open session are not taken yet: what the peer sends is answered, so that it can decide. */
  #credentials({ kind, id }: CredentialsEnvelope): void {
    if ((kind === 'challenge') !== (this.#options.role === 'client'))
      throw violation(
        `${withArticle(kind)} from the ${this.#options.role === 'client' ? 'server' : 'client'}`,
      )
    if (!this.#pings.take()) throw new SessionFault('LIMIT_EXCEEDED', 'too many pings and credentials')
    if (kind === 'challenge') {
      this.#events.answer({ kind: 'credentials', id, metadata: noMetadata, body: encodeBody(emptyBody) })
    } else {
      const refusal = { code: 'UNIMPLEMENTED', text: 'this server takes credentials in the hello only' }
      this.#events.answer({ kind: 'verdict', id, refusal })
    }
  }

  #pong(token: number): void {
    if (!this.#pings.take()) throw new SessionFault('LIMIT_EXCEEDED', 'too many pings')
    this.#events.answer({ kind: 'pong', token, received: this.#events.resumption?.told() })
  }

  /** Pings tell what was handled, too. */
  #received({ received }: PingEnvelope): void {
    if (received !== undefined) this.#events.resumption?.acknowledged(received)
  }
}
