import { ProtocolError } from '../protocol-error.ts'
import { readContracts, readLimits } from './announcements.ts'
import { type Envelope, type EnvelopeBody, type IgnorableEnvelope, noBody, noMetadata } from './envelope.ts'
import { defaultMetadataLimits, envelopeLimits, type MetadataLimits } from './envelope-limits.ts'
import { HeaderReader } from './header-reader.ts'
import { type EnvelopeKind, flags, helloMagic, ignorableKindMin, kindOfCode, kindRules } from './kinds.ts'

const { nameBytesMax, topicBytesMax, codeBytesMax, textBytesMax, codecsMax, resumeTokenBytesMax } =
  envelopeLimits

/**
 * The envelope in one frame's payload. Text is decoded; bodies and tokens are views of `payload`.
 *
 * @param limits metadata limits, by default those of {@link defaultMetadataLimits}
 * @throws ProtocolError MALFORMED_ENVELOPE, or UNKNOWN_KIND for an unknown kind below 0x80; nothing else.
 */
export function decodeEnvelope(
  payload: Uint8Array,
  limits: MetadataLimits = defaultMetadataLimits,
): Envelope | IgnorableEnvelope {
  const reader = new HeaderReader(payload, limits)
  const kindCode = reader.byte('kind')
  if (kindCode >= ignorableKindMin) return { kind: 'ignorable', kindCode }
  const kind = kindOfCode(kindCode)
  if (kind === undefined) {
    throw new ProtocolError(
      'UNKNOWN_KIND',
      `kind 0x${kindCode.toString(16).padStart(2, '0')} is not one of this protocol version and is below 0x80`,
    )
  }
  const bits = readFlags(reader, kind)
  const callId = readCallId(reader, kind)
  return new FieldReader(reader, bits, callId).read(kind)
}

function readFlags(reader: HeaderReader, kind: EnvelopeKind): number {
  const bits = reader.byte('flags')
  const rules = kindRules[kind]
  const allowed = rules.flags | (rules.body ? flags.bodyMask : 0)
  if ((bits & ~allowed) !== 0) {
    throw reader.malformed('flags', `0x${bits.toString(16)} sets a bit that is reserved in a ${kind}`)
  }
  if ((bits & flags.bodyMask) === flags.bodyMask)
    throw reader.malformed('flags', 'the body encoding 3 is reserved')
  return bits
}

function readCallId(reader: HeaderReader, kind: EnvelopeKind): number {
  const callId = reader.varint('callId')
  const rule = kindRules[kind].callId
  if (rule === 'zero' && callId !== 0) throw reader.malformed('callId', `it is ${callId}, a ${kind} has 0`)
  if (rule === 'call' && callId === 0)
    throw reader.malformed('callId', `it is 0, a ${kind} belongs to a call`)
  return callId
}

/** Reads the fields of one kind, then metadata, then the body, which must use up the frame. */
class FieldReader {
  readonly #reader: HeaderReader
  readonly #bits: number
  readonly #callId: number

  constructor(reader: HeaderReader, bits: number, callId: number) {
    this.#reader = reader
    this.#bits = bits
    this.#callId = callId
  }

  read(kind: EnvelopeKind): Envelope {
    const reader = this.#reader
    const callId = this.#callId
    switch (kind) {
      case 'hello':
        return this.#hello()
      case 'welcome':
        return this.#welcome()
      case 'call':
        return {
          kind,
          callId,
          procedure: reader.text('procedure', nameBytesMax, 1),
          ...(this.#has(flags.callDeadline) ? { deadlineMs: reader.varint('deadlineMs') } : {}),
          ...(this.#has(flags.callStream) ? { credit: reader.varint('credit') } : {}),
          upload: this.#has(flags.callUpload),
          metadata: this.#metadata(),
          body: this.#body(),
        }
      case 'result':
        return { kind, callId, metadata: this.#metadata(), body: this.#body() }
      case 'failure':
        return {
          kind,
          callId,
          ...this.#codeAndText(),
          maybeExecuted: this.#has(flags.failureMaybeExecuted),
          metadata: this.#metadata(),
          body: this.#body(),
        }
      case 'item':
        return { kind, callId, sequence: reader.varint('sequence'), body: this.#body() }
      case 'end':
        return this.#last({ kind, callId, metadata: this.#metadata() })
      case 'credit':
        return this.#last({ kind, callId, items: this.#positive('items') })
      case 'cancel':
        return this.#last({ kind, callId, ...this.#codeAndText() })
      case 'event':
        return {
          kind,
          sequence: this.#positive('sequence'),
          ...this.#eventAndTopic(),
          ...(this.#has(flags.eventPosition) ? { position: reader.varint('position') } : {}),
          metadata: this.#metadata(),
          body: this.#body(),
        }
      case 'subscribe':
        return this.#last({
          kind,
          callId,
          ...this.#eventAndTopic(),
          ...(this.#has(flags.subscribeAfter) ? { after: reader.varint('after') } : {}),
          metadata: this.#metadata(),
        })
      case 'unsubscribe':
        return this.#last({ kind, callId, ...this.#eventAndTopic() })
      case 'ping':
      case 'pong':
        return this.#last({ kind, token: reader.varint('token') })
      case 'goaway':
        return this.#last({
          kind,
          ...this.#codeAndText(),
          lastCallId: reader.varint('lastCallId'),
          metadata: this.#metadata(),
        })
    }
  }

  #hello(): Envelope {
    const reader = this.#reader
    const magic = reader.take('magic', helloMagic.length)
    if (helloMagic.some((byte, index) => magic[index] !== byte)) {
      throw reader.malformed('magic', 'it is not "FRPT"')
    }
    const versionMin = reader.varint('versionMin')
    const versionMax = reader.varint('versionMax')
    if (versionMin === 0 || versionMax < versionMin) {
      throw reader.malformed(
        'versions',
        `${versionMin} to ${versionMax} is no range that starts at 1 or later`,
      )
    }
    return {
      kind: 'hello',
      versionMin,
      versionMax,
      codecs: this.#codecs(),
      limits: readLimits(reader),
      contracts: readContracts(reader),
      ...(this.#has(flags.helloResume) ? { resume: this.#resume() } : {}),
      metadata: this.#metadata(),
      body: this.#body(),
    }
  }

  #welcome(): Envelope {
    const resumed = this.#has(flags.welcomeResumed)
    if (resumed && !this.#has(flags.welcomeResume)) {
      throw this.#reader.malformed('flags', 'resumed without a resume token')
    }
    return this.#last({
      kind: 'welcome',
      version: this.#positive('version'),
      codec: this.#reader.text('codec', codeBytesMax, 1),
      limits: readLimits(this.#reader),
      contracts: readContracts(this.#reader),
      ...(this.#has(flags.welcomeResume) ? { resume: { ...this.#resume(), resumed } } : {}),
      metadata: this.#metadata(),
    })
  }

  #codecs(): string[] {
    const count = this.#reader.count('codecs', codecsMax)
    const codecs: string[] = []
    for (let index = 0; index < count; index += 1) codecs.push(this.#reader.text('codec', codeBytesMax, 1))
    return codecs
  }

  #resume(): { readonly token: Uint8Array; readonly eventSequence: number } {
    return {
      token: this.#reader.blob('resume token', resumeTokenBytesMax, 1),
      eventSequence: this.#reader.varint('eventSequence'),
    }
  }

  #codeAndText(): { readonly code: string; readonly text: string } {
    return {
      code: this.#reader.text('code', codeBytesMax, 1),
      text: this.#reader.text('text', textBytesMax),
    }
  }

  #eventAndTopic(): { readonly event: string; readonly topic: string } {
    return {
      event: this.#reader.text('event', nameBytesMax, 1),
      topic: this.#reader.text('topic', topicBytesMax),
    }
  }

  #positive(field: string): number {
    const value = this.#reader.varint(field)
    if (value === 0) throw this.#reader.malformed(field, 'it is 0 and counts from 1')
    return value
  }

  #metadata(): typeof noMetadata {
    return this.#has(flags.metadata) ? this.#reader.metadata() : noMetadata
  }

  #body(): EnvelopeBody {
    const encoding = this.#bits & flags.bodyMask
    if (encoding === 0) return this.#last(noBody)
    return { encoding: encoding === 1 ? 'codec' : 'raw', bytes: this.#reader.rest() }
  }

  /** Passes `value` on when nothing of the frame is left. */
  #last<T>(value: T): T {
    if (this.#reader.remaining > 0) {
      throw this.#reader.malformed('end of the envelope', `${this.#reader.remaining} bytes are left over`)
    }
    return value
  }

  #has(flag: number): boolean {
    return (this.#bits & flag) !== 0
  }
}
