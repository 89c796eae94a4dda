import { decodeEnvelope } from '../../envelope/decode-envelope.ts'
import {
  type AnnouncedLimits,
  type FailureEnvelope,
  type GoawayEnvelope,
  type HelloEnvelope,
  type Metadata,
  noMetadata,
  type WelcomeEnvelope,
} from '../../envelope/envelope.ts'
import { RpcError } from '../../rpc-error.ts'
import type { SessionCloseReason } from '../common/session-types.ts'
import type { EnvelopeWriter } from '../flow/envelope-writer.ts'
import { sendFailure } from '../flow/wire-errors.ts'
import {
  checkWelcome,
  helloInfo,
  helloOf,
  looksLikeHandshake,
  negotiate,
  notFrameport,
  outOfTurn,
  welcomeOf,
} from './handshake.ts'
import type { LinkOptions } from './link-types.ts'

export interface OpeningEvents {
  /** The peer has said what it takes. */
  limitsKnown(limits: AnnouncedLimits): void
  /** Hello and welcome are exchanged. */
  opened(peer: HelloEnvelope | WelcomeEnvelope): void
  /** The hello was refused: on a client with the error that its calls fail with. */
  refused(reason: SessionCloseReason, error?: RpcError): void
  goaway(envelope: GoawayEnvelope): void
  /** The session has ended meanwhile. */
  isOver(): boolean
}

/** The frames before the handshake is done. Throws SessionFault and ProtocolError for what ends the session. */
export class Opening {
  readonly #options: LinkOptions
  readonly #writer: EnvelopeWriter
  readonly #events: OpeningEvents
  #first = true

  constructor(options: LinkOptions, writer: EnvelopeWriter, events: OpeningEvents) {
    this.#options = options
    this.#writer = writer
    this.#events = events
  }

  /** A client speaks first. @throws ProtocolError for a hello that cannot be sent */
  begin(): void {
    if (this.#options.role === 'client') this.#writer.send(helloOf(this.#options), 'own')
  }

  frame(payload: Uint8Array): void {
    const { role, limits } = this.#options
    const first = this.#first
    this.#first = false
    if (first && !looksLikeHandshake(role, payload)) throw notFrameport(role)
    const envelope = decodeEnvelope(payload, limits)
    if (envelope.kind === 'goaway') this.#events.goaway(envelope)
    else if (first && role === 'server' && envelope.kind === 'hello') this.#hello(envelope)
    else if (role === 'client' && envelope.kind === 'welcome') this.#welcome(envelope)
    else if (role === 'client' && envelope.kind === 'failure' && envelope.callId === 0)
      this.#refused(envelope)
    else throw outOfTurn(envelope)
  }

  #hello(hello: HelloEnvelope): void {
    const version = negotiate(hello)
    const { handlers, limits } = this.#options
    this.#events.limitsKnown(hello.limits)
    try {
      const info = helloInfo(hello, limits)
      if (handlers.hello === undefined) this.#accept(hello, version, noMetadata)
      else {
        // Whatever it returns: a thenable of another make, or by mistake no promise at all.
        Promise.resolve(handlers.hello(info))
          .then(({ metadata = noMetadata }) => this.#accept(hello, version, metadata))
          .catch((error: unknown) => this.#refuse(error))
      }
    } catch (error) {
      this.#refuse(error)
    }
  }

  #accept(hello: HelloEnvelope, version: number, metadata: Metadata): void {
    if (this.#events.isOver()) return
    const welcome = welcomeOf(this.#options, version, metadata)
    this.#writer.checkMetadata(welcome.metadata)
    this.#writer.send(welcome, 'answer')
    this.#events.opened(hello)
  }

  /** What is no RpcError is a defect of this side, which the client need not see. */
  #refuse(error: unknown): void {
    if (this.#events.isOver()) return
    const shown = RpcError.is(error) ? error : new RpcError('INTERNAL', 'the server could not take the hello')
    sendFailure(this.#writer, 0, shown)
    const message = `the hello was refused with ${shown.code}: ${shown.message}`
    this.#events.refused({ code: 'HELLO_REFUSED', message, cause: error })
  }

  #welcome(welcome: WelcomeEnvelope): void {
    checkWelcome(welcome)
    this.#events.limitsKnown(welcome.limits)
    this.#events.opened(welcome)
  }

  #refused({ code, text }: FailureEnvelope): void {
    const error = new RpcError(code, text)
    const message = `the server refused the hello with ${code}: ${text}`
    this.#events.refused({ code: 'HELLO_REFUSED', message, cause: error }, error)
  }
}
