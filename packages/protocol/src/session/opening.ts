import { decodeEnvelope } from '../envelope/decode-envelope.ts'
import {
  type FailureEnvelope,
  type GoawayEnvelope,
  type HelloEnvelope,
  type Metadata,
  noMetadata,
  type WelcomeEnvelope,
} from '../envelope/envelope.ts'
import { RpcError } from '../rpc-error.ts'
import {
  checkWelcome,
  helloInfo,
  looksLikeHandshake,
  negotiate,
  notFrameport,
  outOfTurn,
  welcomeOf,
} from './handshake.ts'
import type { SessionCore } from './session-core.ts'
import type { SessionCloseReason, SessionOptions } from './session-types.ts'
import { sendFailure } from './wire-errors.ts'

export interface OpeningEvents {
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
  readonly #core: SessionCore
  readonly #options: SessionOptions
  readonly #events: OpeningEvents
  #first = true

  constructor(core: SessionCore, options: SessionOptions, events: OpeningEvents) {
    this.#core = core
    this.#options = options
    this.#events = events
  }

  frame(payload: Uint8Array): void {
    const { role, limits } = this.#core
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
    const { handlers, limits, outbox } = this.#core
    outbox.setPeerLimits(hello.limits)
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
    const welcome = welcomeOf(this.#options, this.#core.limits, version, metadata)
    this.#core.outbox.checkMetadata(welcome.metadata)
    this.#core.outbox.send(welcome, 'answer')
    this.#events.opened(hello)
  }

  /** What is no RpcError is a defect of this side, which the client need not see. */
  #refuse(error: unknown): void {
    if (this.#events.isOver()) return
    const shown = RpcError.is(error) ? error : new RpcError('INTERNAL', 'the server could not take the hello')
    sendFailure(this.#core.outbox, 0, shown)
    const message = `the hello was refused with ${shown.code}: ${shown.message}`
    this.#events.refused({ code: 'HELLO_REFUSED', message, cause: error })
  }

  #welcome(welcome: WelcomeEnvelope): void {
    checkWelcome(welcome)
    this.#core.outbox.setPeerLimits(welcome.limits)
    this.#events.opened(welcome)
  }

  #refused({ code, text }: FailureEnvelope): void {
    const error = new RpcError(code, text)
    const message = `the server refused the hello with ${code}: ${text}`
    this.#events.refused({ code: 'HELLO_REFUSED', message, cause: error }, error)
  }
}
