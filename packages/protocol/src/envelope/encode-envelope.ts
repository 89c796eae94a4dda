import { ProtocolError } from '../protocol-error.ts'
import { writeLinkFields } from './encode-link.ts'
import { writeSessionFields } from './encode-session.ts'
import type { Envelope } from './envelope.ts'
import { type EnvelopeBody, noBytes } from './envelope-parts.ts'
import { HeaderWriter } from './header-writer.ts'
import { callKindEnd, envelopeKinds, flags, isLinkKind, withArticle } from './kinds.ts'
import type { LinkEnvelope } from './link-envelopes.ts'
import type { SessionEnvelope } from './session-envelopes.ts'

/** An envelope as two parts of one frame, to be sent one after the other. */
export interface EncodedEnvelope {
  /** All fields before the body. */
  readonly header: Uint8Array
  /** The bytes of the body that was given, not a copy; empty without a body. */
  readonly body: Uint8Array
}

const bodyBits = { none: 0, codec: 1, raw: 2 } as const

/**
 * Encodes one envelope, without the frame around it.
 *
 * @throws ProtocolError INVALID_FIELD for a field that cannot be sent
 */
export function encodeEnvelope(envelope: Envelope): EncodedEnvelope {
  const writer = new HeaderWriter()
  const body = writeEnvelope(writer, envelope)
  return { header: writer.finish(), body }
}

/**
 * Writes the part before the body.
 *
 * @returns the bytes of the body; empty without one
 * @throws ProtocolError INVALID_FIELD
 */
export function writeEnvelope(writer: HeaderWriter, envelope: Envelope): Uint8Array {
  const code = envelopeKinds[envelope.kind]
  const body: EnvelopeBody | undefined = 'body' in envelope ? envelope.body : undefined
  const metadata = 'metadata' in envelope ? envelope.metadata : undefined
  const hasMetadata = metadata !== undefined && !isEmpty(metadata)
  const { extensions } = envelope
  const hasExtensions = extensions !== undefined && extensions.length > 0
  writer.byte(code)
  // The kind's own flags are known when its fields are written.
  const shared =
    (body === undefined ? 0 : bodyBits[body.encoding]) |
    (hasMetadata ? flags.metadata : 0) |
    (goesOn(envelope) ? flags.goesOn : 0) |
    (hasExtensions ? flags.extensions : 0)
  writer.byte(shared | kindFlags(envelope))
  if (code < callKindEnd) writer.varint('callId', callIdOf(envelope))
  if (isLinkKind(code)) writeLinkFields(writer, envelope as LinkEnvelope)
  else writeSessionFields(writer, envelope as SessionEnvelope)
  if (hasExtensions) writer.extensions(extensions)
  if (hasMetadata) writer.metadata(metadata)
  return bodyBytes(envelope, body)
}

function callIdOf(envelope: Envelope): number {
  const callId = 'callId' in envelope ? envelope.callId : 0
  if (callId === 0) {
    throw new ProtocolError(
      'INVALID_FIELD',
      `the call id of ${withArticle(envelope.kind)} is 0: call ids start at 1`,
    )
  }
  return callId
}

function goesOn(envelope: Envelope): boolean {
  if (!('goesOn' in envelope) || envelope.goesOn !== true) return false
  if (envelope.body.bytes.length === 0)
    throw new ProtocolError('INVALID_FIELD', 'the first piece of a body has at least one byte')
  return true
}

function bodyBytes(envelope: Envelope, body: EnvelopeBody | undefined): Uint8Array {
  if (body === undefined) return noBytes
  if (body.encoding === 'none' && body.bytes.length > 0) {
    throw new ProtocolError('INVALID_FIELD', 'the body has bytes, but its encoding is none')
  }
  if (envelope.kind === 'more' && body.bytes.length === 0)
    throw new ProtocolError('INVALID_FIELD', 'a piece of a body has at least one byte')
  return body.bytes
}

function isEmpty(metadata: object): boolean {
  for (const key in metadata) if (Object.hasOwn(metadata, key)) return false
  return true
}

function kindFlags(envelope: Envelope): number {
  switch (envelope.kind) {
    case 'call':
      return (
        present(envelope.deadlineMs, flags.deadline) |
        present(envelope.credit, flags.itemsWanted) |
        (envelope.upload ? flags.upload : 0)
      )
    case 'failure':
      return (
        (envelope.maybeExecuted ? flags.maybeExecuted : 0) | present(envelope.retryAfterMs, flags.retryAfter)
      )
    case 'subscribe':
    case 'event':
    case 'gap':
      return present(envelope.position, flags.position)
    case 'oneway':
      return present(envelope.deadlineMs, flags.deadline)
    case 'hello':
      return present(envelope.resume, flags.resume)
    case 'welcome':
      return present(envelope.session, flags.session) | present(envelope.received, flags.resumed)
    case 'refused':
      return present(envelope.retryAfterMs, flags.retryAfter)
    case 'verdict':
      return present(envelope.refusal, flags.refused)
    case 'ping':
    case 'pong':
      return present(envelope.received, flags.received)
    case 'goaway':
      return present(envelope.lastCallId, flags.lastCall) | present(envelope.retryAfterMs, flags.retryAfter)
    default:
      return 0
  }
}

function present(value: unknown, flag: number): number {
  return value === undefined ? 0 : flag
}
