import { type Body, decodeBody, emptyBody, encodeBody } from '../../envelope/codec.ts'
import { decodeEnvelope } from '../../envelope/decode-envelope.ts'
import type { Envelope, IgnorableEnvelope } from '../../envelope/envelope.ts'
import { type EnvelopeBody, metadataOverLimit, noMetadata } from '../../envelope/envelope-parts.ts'
import { envelopeKinds, helloMagic, withArticle } from '../../envelope/kinds.ts'
import type {
  GoawayEnvelope,
  HelloEnvelope,
  RefusedEnvelope,
  SessionTicket,
  WelcomeEnvelope,
} from '../../envelope/link-envelopes.ts'
import { peerText } from '../../envelope/peer-text.ts'
import { errorWithoutStack } from '../../error-without-stack.ts'
import { RpcError } from '../../rpc-error.ts'
import type { SessionCloseReason } from '../common/close-reason.ts'
import type { HelloInfo, PeerInfo } from '../common/peer-info.ts'
import type { SessionTimer } from '../common/session-environment.ts'
import { SessionFault, violation } from '../common/session-fault.ts'
import type { HelloAccepted } from '../common/session-messages.ts'
import { startPeerTimer } from '../common/timers.ts'
import type { EnvelopeWriter } from '../flow/envelope-writer.ts'
import { codeAndText, wholeMs } from '../flow/wire-errors.ts'
import type { CredentialsGiver } from './credentials-giver.ts'
import type { CredentialsTaker } from './credentials-taker.ts'
import { notFrameport } from './framing-faults.ts'
import { checkWelcome, helloOf, negotiate, peerInfo, welcomeOf } from './greeting.ts'
import type { AskedResume, LinkOptions } from './link-types.ts'

/**
 * The longest answer about a session of this server in a welcome: ids and secrets have 16 bytes, and numbers at most 8.
 */
const longestAnswer = {
  session: { session: new Uint8Array(16), secret: new Uint8Array(16) },
  received: Number.MAX_SAFE_INTEGER,
} as const satisfies Pick<WelcomeEnvelope, 'session' | 'received'>

/** Kind and flags come before the magic of a hello. */
const magicOffset = 2

export interface HandshakeEvents {
  /** Present on a server. */
  readonly taker: CredentialsTaker | undefined
  /** Present on a client. */
  readonly giver: CredentialsGiver | undefined
  /** The peer has announced its settings. */
  peerKnown(peer: PeerInfo): void
  /** Server: returns the part of the welcome about the session. */
  sessionFor(
    asked: AskedResume | undefined,
    principal: string | undefined,
  ): Pick<WelcomeEnvelope, 'session' | 'received'>
  /** Client: the part of the welcome about the session. */
  sessionIs(ticket: SessionTicket | undefined, received: number | undefined): void
  /** Hello and welcome were exchanged. */
  opened(): void
  /** The hello was refused. On a client, calls fail with `error`. */
  refused(reason: SessionCloseReason, error?: RpcError): void
  goaway(envelope: GoawayEnvelope): void
  /** The peer broke the protocol: end the connection. */
  failed(fault: SessionFault): void
  /** Whether the session has ended meanwhile. */
  isOver(): boolean
}

/** Handles the frames of the handshake. Throws SessionFault and ProtocolError for frames that end the session. */
export class Handshake {
  readonly #options: LinkOptions
  readonly #writer: EnvelopeWriter
  readonly #events: HandshakeEvents
  #first = true
  #timer: SessionTimer | undefined

  constructor(options: LinkOptions, writer: EnvelopeWriter, events: HandshakeEvents) {
    this.#options = options
    this.#writer = writer
    this.#events = events
  }

  /**
   * Sends the hello of a client.
   *
   * @param resume the session to resume
   * @throws ProtocolError for a hello that cannot be sent
   */
  begin(resume: AskedResume | undefined): void {
    const { role, environment, limits } = this.#options
    this.#timer = startPeerTimer(environment, limits.helloTimeoutMs, () =>
      this.#events.failed(
        new SessionFault('HELLO_TIMEOUT', `no handshake within ${limits.helloTimeoutMs} ms`),
      ),
    )
    if (role === 'client') this.#writer.send(helloOf(this.#options, resume), 'own')
  }

  /** The handshake is complete, or the connection ends. A timer keeps its callback until it is cancelled. */
  stop(): void {
    this.#timer?.cancel()
    this.#timer = undefined
  }

  frame(payload: Uint8Array): void {
    const { role, limits } = this.#options
    const { taker, giver } = this.#events
    const first = this.#first
    this.#first = false
    if (first && !looksLikeHandshake(role, payload)) throw notFrameport(role)
    const envelope = decodeEnvelope(payload, limits)
    if (envelope.kind === 'goaway') this.#events.goaway(envelope)
    else if (first && role === 'server' && envelope.kind === 'hello') this.#hello(envelope)
    else if (role === 'client' && envelope.kind === 'welcome') this.#welcome(envelope)
    else if (role === 'client' && envelope.kind === 'refused') this.#refused(envelope)
    else if (envelope.kind === 'challenge' && giver !== undefined) giver.challenged(envelope)
    else if (envelope.kind === 'credentials' && taker !== undefined) taker.answered(envelope)
    else throw outOfTurn(envelope)
  }

  #hello(hello: HelloEnvelope): void {
    const version = negotiate(hello)
    const { handlers, limits } = this.#options
    const peer = peerInfo(hello)
    this.#events.peerKnown(peer)
    try {
      const info = helloInfo(hello, peer, limits.bodyBytesMax)
      if (handlers.hello === undefined) this.#accept(hello, version, {})
      else {
        // Bytes that are kept during the decision must not be lent.
        const kept: HelloEnvelope = { ...hello, body: encodeBody(emptyBody), resume: keptResume(hello) }
        // `hello` may return a foreign thenable, or by mistake no promise at all.
        const { ask } = this.#events.taker as CredentialsTaker
        Promise.resolve(handlers.hello(info, ask))
          .then((accepted) => this.#accept(kept, version, accepted))
          .catch((error: unknown) => this.#didNotAccept(error))
      }
    } catch (error) {
      this.#didNotAccept(error)
    }
  }

  /** An impossible claim of the client violates the protocol; any other error refuses the client. */
  #didNotAccept(error: unknown): void {
    if (error instanceof SessionFault) this.#events.failed(error)
    else this.#refuse(error)
  }

  #accept(
    hello: HelloEnvelope,
    version: number,
    { metadata = noMetadata, principal, unlessResumed }: HelloAccepted,
  ): void {
    if (this.#events.isOver()) return
    this.#writer.checkMetadata({ ...this.#options.metadata, ...metadata })
    const welcome = welcomeOf(this.#options, hello, version, metadata)
    // A welcome that cannot be sent must not harm the session to resume.
    if (hello.resume !== undefined) this.#checkFits({ ...welcome, ...longestAnswer })
    const taker = this.#events.taker as CredentialsTaker
    taker.principal = principal
    const session = this.#events.sessionFor(hello.resume, principal)
    // A session that moved here from its old connection has called its owner, which may have closed either.
    if (this.#events.isOver()) return
    if (unlessResumed !== undefined && session.received === undefined) throw unlessResumed
    this.#writer.send({ ...welcome, ...session }, 'answer')
    taker.opened()
    this.#events.opened()
  }

  #checkFits(welcome: WelcomeEnvelope): void {
    const { peerFrameBytesMax = Number.POSITIVE_INFINITY } = this.#writer
    if (this.#writer.headerBytes(welcome) > peerFrameBytesMax) throw welcomeTooLong()
  }

  /** An error that is not an RpcError is a bug of this side, and is hidden from the client. */
  #refuse(error: unknown): void {
    if (this.#events.isOver()) return
    const shown = refusalOf(error)
    this.#writer.send(
      {
        kind: 'refused',
        ...codeAndText(shown),
        retryAfterMs: wholeMs(shown.retryAfterMs),
        metadata: noMetadata,
        body: this.#dataOf(shown),
      },
      'answer',
    )
    const message = `the hello was refused with ${shown.code}: ${peerText(shown.message)}`
    this.#events.refused({ code: 'HELLO_REFUSED', message, cause: error })
  }

  /** Data that cannot be sent, or that the client does not accept, are omitted: the code and the text are enough. */
  #dataOf(refusal: RpcError): EnvelopeBody {
    try {
      const body = encodeBody({ kind: 'value', value: refusal.data })
      this.#writer.checkBody(body, 'the data of the refusal')
      return body
    } catch {
      return encodeBody(emptyBody)
    }
  }

  #welcome(welcome: WelcomeEnvelope): void {
    checkWelcome(welcome)
    if (welcome.metadata === metadataOverLimit)
      throw new SessionFault('LIMIT_EXCEEDED', 'the metadata of the welcome exceed the limits of this side')
    this.#events.peerKnown(peerInfo(welcome))
    this.#events.sessionIs(welcome.session, welcome.received)
    this.#events.opened()
  }

  #refused(envelope: RefusedEnvelope): void {
    const { retryAfterMs } = envelope
    const code = peerText(envelope.code)
    const text = peerText(envelope.text)
    const data = dataOf(envelope.body, this.#options.limits.bodyBytesMax)
    const error = errorWithoutStack(code, text, { retryAfterMs, data })
    const message = `the server refused the hello with ${code}: ${text}`
    this.#events.refused({ code: 'HELLO_REFUSED', message, closedBy: 'peer', cause: error }, error)
  }
}

/** Copies the bytes, because they are lent by the frame. */
function keptResume({ resume }: HelloEnvelope): AskedResume | undefined {
  return resume && { ...resume, session: resume.session.slice(), secret: resume.secret.slice() }
}

function refusalOf(error: unknown): RpcError {
  if (RpcError.is(error)) return error
  const tooLong = (error as { code?: unknown } | null)?.code === 'FRAME_TOO_LONG'
  if (tooLong) return welcomeTooLong()
  return new RpcError('INTERNAL', 'the server could not handle the hello')
}

function welcomeTooLong(): RpcError {
  return new RpcError('RESOURCE_EXHAUSTED', 'the welcome does not fit the frameBytesMax of the client')
}

/** The data of a refusal; undefined if they are too long or invalid, because the code is what matters. */
function dataOf(encoded: EnvelopeBody, bodyBytesMax: number): unknown {
  if (encoded.bytes.length > bodyBytesMax) return undefined
  try {
    const body = decodeBody(encoded)
    return body.kind === 'value' ? body.value : undefined
  } catch {
    return undefined
  }
}

/** @throws RpcError INVALID_ARGUMENT for credentials that are not valid JSON, RESOURCE_EXHAUSTED for too many */
function helloInfo(hello: HelloEnvelope, { contracts }: PeerInfo, bodyBytesMax: number): HelloInfo {
  if (hello.metadata === metadataOverLimit)
    throw new RpcError('RESOURCE_EXHAUSTED', 'the metadata of the hello exceed the limits of the server')
  if (hello.body.bytes.length > bodyBytesMax)
    throw new RpcError('RESOURCE_EXHAUSTED', `the credentials are over ${bodyBytesMax} bytes`)
  return {
    contracts,
    auth: credentials(hello),
    metadata: hello.metadata,
  }
}

function credentials({ body }: HelloEnvelope): Body {
  try {
    return decodeBody(body)
  } catch (cause) {
    throw new RpcError('INVALID_ARGUMENT', 'the credentials in the hello are not valid', { cause })
  }
}

/** Whether a first frame can come from a Frameport peer; decided before it is decoded. */
function looksLikeHandshake(role: 'client' | 'server', payload: Uint8Array): boolean {
  const kind = payload[0]
  if (role === 'server') {
    return (
      kind === envelopeKinds.hello && helloMagic.every((byte, index) => payload[magicOffset + index] === byte)
    )
  }
  return (
    kind === envelopeKinds.welcome ||
    kind === envelopeKinds.refused ||
    kind === envelopeKinds.challenge ||
    kind === envelopeKinds.goaway
  )
}

/** A valid envelope of a kind that the handshake does not expect now. */
function outOfTurn(envelope: Envelope | IgnorableEnvelope): SessionFault {
  return violation(`${withArticle(envelope.kind)} during the handshake`)
}
