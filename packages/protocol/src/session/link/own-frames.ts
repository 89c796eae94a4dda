import { decodeEnvelope } from '../../envelope/decode-envelope.ts'
import { withArticle } from '../../envelope/kinds.ts'
import type {
  CredentialsEnvelope,
  GoawayEnvelope,
  LinkEnvelope,
  PingEnvelope,
  VerdictEnvelope,
} from '../../envelope/link-envelopes.ts'
import { Allowance } from '../common/allowance.ts'
import { SessionFault, violation } from '../common/session-fault.ts'
import type { CredentialsGiver } from './credentials-giver.ts'
import type { CredentialsTaker } from './credentials-taker.ts'
import type { LinkOptions, LinkResume } from './link-types.ts'

export interface OwnFramesEvents {
  /** From the session above; undefined if the session ends with its link. */
  readonly resumption: LinkResume | undefined
  /** Present on a server. */
  readonly taker: CredentialsTaker | undefined
  /** Present on a client. */
  readonly giver: CredentialsGiver | undefined
  /** The peer is answered. */
  answer(envelope: LinkEnvelope): void
  goaway(envelope: GoawayEnvelope): void
}

/** Handles the envelopes of an open link: those about the connection, and credentials. */
export class OwnFrames {
  readonly #options: LinkOptions
  readonly #events: OwnFramesEvents
  /** This side sends one ping per silent interval. */
  #pings: Allowance | undefined

  constructor(options: LinkOptions, events: OwnFramesEvents) {
    this.#options = options
    this.#events = events
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
        this.#of(this.#events.giver, envelope).challenged(envelope)
        break
      case 'credentials':
        this.#of(this.#events.taker, envelope).given(envelope)
        break
      case 'verdict':
        this.#of(this.#events.giver, envelope).verdict(envelope)
        break
      case 'ignorable':
        break
      default:
        throw violation(`${withArticle(envelope.kind)} after the handshake`)
    }
  }

  /** @param receiver undefined on the side that gets no such envelope */
  #of<Receiver>(receiver: Receiver | undefined, { kind }: CredentialsEnvelope | VerdictEnvelope): Receiver {
    if (receiver === undefined)
      throw violation(
        `${withArticle(kind)} from the ${this.#options.role === 'client' ? 'server' : 'client'}`,
      )
    if (kind !== 'verdict' && !this.#mayCome())
      throw new SessionFault('LIMIT_EXCEEDED', 'too many pings and credentials')
    return receiver
  }

  #pong(token: number): void {
    if (!this.#mayCome()) throw new SessionFault('LIMIT_EXCEEDED', 'too many pings')
    this.#events.answer({ kind: 'pong', token, received: this.#events.resumption?.told() })
  }

  #mayCome(): boolean {
    const { environment, limits } = this.#options
    this.#pings ??= new Allowance(environment, { burst: limits.pingsBurstMax, perSecond: 1 })
    return this.#pings.take()
  }

  /** Pings also report how much was handled. */
  #received({ received }: PingEnvelope): void {
    if (received !== undefined) this.#events.resumption?.acknowledged(received)
  }
}
