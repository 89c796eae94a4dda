import { decodeBody, emptyBody, encodeBody, jsonCodec } from '../../envelope/codec.ts'
import {
  type AnnouncedLimits,
  type Envelope,
  type HelloEnvelope,
  type IgnorableEnvelope,
  type Metadata,
  noMetadata,
  type WelcomeEnvelope,
} from '../../envelope/envelope.ts'
import { envelopeKinds, helloMagic, protocolVersionMax, protocolVersionMin } from '../../envelope/kinds.ts'
import { RpcError } from '../../rpc-error.ts'
import { SessionFault, violation } from '../common/session-fault.ts'
import type { SessionLimits } from '../common/session-limits.ts'
import type { HelloInfo, WelcomeInfo } from '../common/session-types.ts'
import type { LinkOptions } from './link-types.ts'

/** Kind, flags and call id come before the magic of a hello. */
const magicOffset = 3

export function announcedLimits(limits: SessionLimits): AnnouncedLimits {
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

export function welcomeOf(options: LinkOptions, version: number, metadata: Metadata): WelcomeEnvelope {
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

export function checkWelcome(welcome: WelcomeEnvelope): void {
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
export function helloInfo(hello: HelloEnvelope, limits: SessionLimits): HelloInfo {
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
export function looksLikeHandshake(role: 'client' | 'server', payload: Uint8Array): boolean {
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
export function outOfTurn(envelope: Envelope | IgnorableEnvelope): SessionFault {
  return violation(`a ${envelope.kind} during the handshake`)
}
