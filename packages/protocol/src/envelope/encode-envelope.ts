import { ProtocolError } from '../protocol-error.ts'
import { writeContracts, writeLimits } from './announcements.ts'
import { type Envelope, type EnvelopeBody, noBytes } from './envelope.ts'
import { envelopeLimits } from './envelope-limits.ts'
import { HeaderWriter } from './header-writer.ts'
import { envelopeKinds, flags, helloMagic, kindRules } from './kinds.ts'

/** An envelope as parts of one frame: send them one after the other. */
export interface EncodedEnvelope {
  readonly header: Uint8Array
  /** The very bytes of the body that was given, not a copy; empty without a body. */
  readonly body: Uint8Array
}

const bodyBits = { none: 0, codec: 1, raw: 2 } as const
const { nameBytesMax, topicBytesMax, codeBytesMax, textBytesMax, codecsMax, resumeTokenBytesMax } =
  envelopeLimits

/**
 * The bytes of one envelope, without the frame around it.
 *
 * @throws ProtocolError INVALID_FIELD for a field that cannot be sent; nothing was written then.
 */
export function encodeEnvelope(envelope: Envelope): EncodedEnvelope {
  const writer = new HeaderWriter()
  const body: EnvelopeBody | undefined = 'body' in envelope ? envelope.body : undefined
  const callId = 'callId' in envelope ? envelope.callId : 0
  if (callId === 0 && kindRules[envelope.kind].callId === 'call') {
    throw new ProtocolError('INVALID_FIELD', `the call id of a ${envelope.kind} is 0: calls count from 1`)
  }
  const metadata = 'metadata' in envelope ? envelope.metadata : undefined
  const hasMetadata = metadata !== undefined && Object.keys(metadata).length > 0
  writer.byte(envelopeKinds[envelope.kind])
  writer.byte(
    (body === undefined ? 0 : bodyBits[body.encoding]) |
      (hasMetadata ? flags.metadata : 0) |
      kindFlags(envelope),
  )
  writer.varint('callId', callId)
  writeFields(writer, envelope)
  if (hasMetadata) writer.metadata(metadata)
  return { header: writer.finish(), body: bodyBytes(body) }
}

function bodyBytes(body: EnvelopeBody | undefined): Uint8Array {
  if (body === undefined) return noBytes
  if (body.encoding === 'none' && body.bytes.length > 0) {
    throw new ProtocolError('INVALID_FIELD', 'the body has bytes and its encoding is none')
  }
  return body.bytes
}

function kindFlags(envelope: Envelope): number {
  switch (envelope.kind) {
    case 'hello':
      return envelope.resume === undefined ? 0 : flags.helloResume
    case 'welcome':
      if (envelope.resume === undefined) return 0
      return flags.welcomeResume | (envelope.resume.resumed ? flags.welcomeResumed : 0)
    case 'call':
      return (
        (envelope.deadlineMs === undefined ? 0 : flags.callDeadline) |
        (envelope.credit === undefined ? 0 : flags.callStream) |
        (envelope.upload ? flags.callUpload : 0)
      )
    case 'failure':
      return envelope.maybeExecuted ? flags.failureMaybeExecuted : 0
    case 'event':
      return envelope.position === undefined ? 0 : flags.eventPosition
    case 'subscribe':
      return envelope.after === undefined ? 0 : flags.subscribeAfter
    default:
      return 0
  }
}

function writeFields(writer: HeaderWriter, envelope: Envelope): void {
  switch (envelope.kind) {
    case 'hello':
      writer.bytes(Uint8Array.from(helloMagic))
      writer.varint('versionMin', envelope.versionMin)
      writer.varint('versionMax', envelope.versionMax)
      writer.count('codecs', envelope.codecs.length, codecsMax)
      for (const codec of envelope.codecs) writer.text('codec', codec, codeBytesMax, 1)
      writeLimits(writer, envelope.limits)
      writeContracts(writer, envelope.contracts)
      if (envelope.resume !== undefined) {
        writer.blob('resume token', envelope.resume.token, resumeTokenBytesMax, 1)
        writer.varint('eventSequence', envelope.resume.eventSequence)
      }
      return
    case 'welcome':
      writer.varint('version', envelope.version)
      writer.text('codec', envelope.codec, codeBytesMax, 1)
      writeLimits(writer, envelope.limits)
      writeContracts(writer, envelope.contracts)
      if (envelope.resume !== undefined) {
        writer.blob('resume token', envelope.resume.token, resumeTokenBytesMax, 1)
        writer.varint('eventSequence', envelope.resume.eventSequence)
      }
      return
    case 'call':
      writer.text('procedure', envelope.procedure, nameBytesMax, 1)
      if (envelope.deadlineMs !== undefined) writer.varint('deadlineMs', envelope.deadlineMs)
      if (envelope.credit !== undefined) writer.varint('credit', envelope.credit)
      return
    case 'failure':
    case 'cancel':
      writer.text('code', envelope.code, codeBytesMax, 1)
      writer.text('text', envelope.text, textBytesMax)
      return
    case 'item':
      writer.varint('sequence', envelope.sequence)
      return
    case 'credit':
      writer.varint('items', positive('items', envelope.items))
      return
    case 'event':
      writer.varint('sequence', positive('sequence', envelope.sequence))
      writer.text('event', envelope.event, nameBytesMax, 1)
      writer.text('topic', envelope.topic, topicBytesMax)
      if (envelope.position !== undefined) writer.varint('position', envelope.position)
      return
    case 'subscribe':
    case 'unsubscribe':
      writer.text('event', envelope.event, nameBytesMax, 1)
      writer.text('topic', envelope.topic, topicBytesMax)
      if (envelope.kind === 'subscribe' && envelope.after !== undefined)
        writer.varint('after', envelope.after)
      return
    case 'ping':
    case 'pong':
      writer.varint('token', envelope.token)
      return
    case 'goaway':
      writer.text('code', envelope.code, codeBytesMax, 1)
      writer.text('text', envelope.text, textBytesMax)
      writer.varint('lastCallId', envelope.lastCallId)
      return
    case 'result':
    case 'end':
      return
  }
}

function positive(field: string, value: number): number {
  if (value === 0) throw new ProtocolError('INVALID_FIELD', `${field} is 0: it counts from 1`)
  return value
}
