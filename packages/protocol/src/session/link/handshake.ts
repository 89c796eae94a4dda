import { decodeBody, emptyBody, encodeBody, jsonCodec } from '../../envelope/codec.ts'
import { decodeEnvelope } from '../../envelope/decode-envelope.ts'
import {
  type AnnouncedLimits,
  type Envelope,
  type FailureEnvelope,
  type GoawayEnvelope,
  type HelloEnvelope,
  type IgnorableEnvelope,
  type Metadata,
  noMetadata,
  type WelcomeEnvelope,
} from '../../envelope/envelope.ts'
import { envelopeKinds, helloMagic, protocolVersionMax, protocolVersionMin } from '../../envelope/kinds.ts'
import { RpcError } from '../../rpc-error.ts'
import type { SessionCloseReason } from '../common/close-reason.ts'
import type { HelloInfo, WelcomeInfo } from '../common/peer-info.ts'
import { SessionFault, violation } from '../common/session-fault.ts'
import type { SessionLimits } from '../common/session-limits.ts'
import type { EnvelopeWriter } from '../flow/envelope-writer.ts'
import { sendFailure } from '../flow/wire-errors.ts'
import type { LinkOptions } from './link-types.ts'

/** Kind, flags and call id come before the magic of a hello. */
const magicOffset = 3

export interface HandshakeEvents {
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
export class Handshake {
  readonly #options: LinkOptions
  readonly #writer: EnvelopeWriter
  readonly #events: HandshakeEvents
  #first = true

  constructor(options: LinkOptions, writer: EnvelopeWriter, events: HandshakeEvents) {
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

function announcedLimits(limits: SessionLimits): AnnouncedLimits {
  const { frameBytesMax, bodyBytesMax, callsInFlightMax, metadataEntriesMax, metadataBytesMax } = limits
  const { heartbeatIntervalMs, heartbeatTimeoutMs } = limits
  return {
    frameBytesMax,
    bodyBytesMax,
    callsInFlightMax,
    metadataEntriesMax,
    metadataBytesMax,
    heartbeatIntervalMs,
    heartbeatTimeoutMs,
  }
}

export function helloOf(options: Omit<LinkOptions, 'handlers' | 'role' | 'environment'>): HelloEnvelope {
  return {
    kind: 'hello',
    versionMin: protocolVersionMin,
    versionMax: protocolVersionMax,
    codecs: [jsonCodec],
    limits: announcedLimits(options.limits),
    contracts: options.contracts,
    metadata: options.metadata ?? noMetadata,
    body: encodeBody(options.auth ?? emptyBody),
  }
}

function welcomeOf(options: LinkOptions, version: number, metadata: Metadata): WelcomeEnvelope {
  return {
    kind: 'welcome',
    version,
    codec: jsonCodec,
    limits: announcedLimits(options.limits),
    contracts: options.contracts,
    metadata: { ...options.metadata, ...metadata },
  }
}

/** The highest version both sides speak. */
export function negotiate(hello: HelloEnvelope): number {
  const version = Math.min(hello.versionMax, protocolVersionMax)
  if (version < protocolVersionMin || version < hello.versionMin) {
    throw new SessionFault(
      'VERSION_UNSUPPORTED',
      `the client speaks protocol versions ${hello.versionMin} to ${hello.versionMax} and this server ` +
        `${protocolVersionMin} to ${protocolVersionMax}`,
    )
  }
  if (!hello.codecs.includes(jsonCodec)) {
    throw new SessionFault(
      'HELLO_REFUSED',
      `this server speaks the codec ${jsonCodec}, which the client does not offer`,
    )
  }
  return version
}

function checkWelcome(welcome: WelcomeEnvelope): void {
  if (welcome.version < protocolVersionMin || welcome.version > protocolVersionMax) {
    throw new SessionFault(
      'VERSION_UNSUPPORTED',
      `the server chose version ${welcome.version}, which was not offered`,
    )
  }
  if (welcome.codec !== jsonCodec)
    throw violation(`the server chose the codec ${welcome.codec}, which was not offered`)
}

/** @throws RpcError INVALID_ARGUMENT for credentials that are not valid JSON, RESOURCE_EXHAUSTED for too many */
function helloInfo(hello: HelloEnvelope, limits: SessionLimits): HelloInfo {
  if (hello.body.bytes.length > limits.bodyBytesMax) {
    throw new RpcError('RESOURCE_EXHAUSTED', `the credentials are over ${limits.bodyBytesMax} bytes`)
  }
  try {
    return { contracts: hello.contracts, auth: decodeBody(hello.body), metadata: hello.metadata }
  } catch (cause) {
    throw new RpcError('INVALID_ARGUMENT', 'the credentials in the hello are not valid', { cause })
  }
}

export function peerInfo(peer: HelloEnvelope | WelcomeEnvelope): WelcomeInfo {
  const { contracts, metadata, limits } = peer
  return { contracts, metadata, bodyBytesMax: limits.bodyBytesMax, callsInFlightMax: limits.callsInFlightMax }
}

/** Whether a first frame could come from a Frameport peer at all: decided before it is decoded. */
function looksLikeHandshake(role: 'client' | 'server', payload: Uint8Array): boolean {
  const kind = payload[0]
  if (role === 'server') {
    return (
      kind === envelopeKinds.hello && helloMagic.every((byte, index) => payload[magicOffset + index] === byte)
    )
  }
  return kind === envelopeKinds.welcome || kind === envelopeKinds.failure || kind === envelopeKinds.goaway
}

export function notFrameport(role: 'client' | 'server', cause?: unknown): SessionFault {
  const expected = role === 'server' ? 'a hello' : 'a welcome'
  return new SessionFault(
    'NOT_FRAMEPORT',
    `the first bytes are not ${expected}: the peer speaks another protocol on this port`,
    cause,
  )
}

/** A well-formed envelope of another kind than the handshake needs now. */
function outOfTurn(envelope: Envelope | IgnorableEnvelope): SessionFault {
  return violation(`a ${envelope.kind} during the handshake`)
}
