import { envelopeLimits } from './envelope-limits.ts'
import type { EnvelopeBody } from './envelope-parts.ts'
import {
  nothingLeft,
  readBody,
  readBodyInto,
  readExtensions,
  readIf,
  readMetadata,
  readPositionIf,
} from './envelope-tail.ts'
import type { HeaderReader } from './header-reader.ts'
import { flags, type KindRule, withArticle } from './kinds.ts'
import { lentBody, lentCall, lentResult, newCall, newResult } from './lent-envelopes.ts'
import type { CallEnvelope, Credit, ResultEnvelope, SessionEnvelope } from './session-envelopes.ts'

const { nameBytesMax, topicBytesMax, codeBytesMax, textBytesMax } = envelopeLimits

/**
 * Reads an envelope of the session after its flags. Members are in wire order.
 *
 * @param lends calls and results are those of `lent-envelopes.ts`
 */
export function readSessionEnvelope(
  { kind, hasCallId }: KindRule,
  bits: number,
  reader: HeaderReader,
  lends: boolean,
): SessionEnvelope {
  const callId = hasCallId ? readCallId(reader) : 0
  switch (kind) {
    case 'call':
      return readCall(lends ? lentCall : newCall(), callId, bits, reader, lends)
    case 'result':
      return readResult(lends ? lentResult : newResult(), callId, bits, reader, lends)
    case 'failure':
      return {
        kind,
        callId,
        code: reader.text('code', codeBytesMax, 1),
        text: reader.text('text', textBytesMax),
        maybeExecuted: (bits & flags.maybeExecuted) !== 0,
        retryAfterMs: readIf(reader, bits, flags.retryAfter, 'retryAfterMs'),
        extensions: readExtensions(reader, bits),
        metadata: readMetadata(reader, bits),
        body: readBody(reader, bits),
      }
    case 'item':
      return {
        kind,
        callId,
        sequence: reader.varint('sequence'),
        extensions: readExtensions(reader, bits),
        body: readBody(reader, bits),
        goesOn: goesOn(bits),
      }
    case 'more':
      return {
        kind,
        callId,
        extensions: readExtensions(reader, bits),
        body: readPiece(reader, bits),
        goesOn: goesOn(bits),
      }
    case 'event':
      return {
        kind,
        event: reader.text('event', nameBytesMax, 1),
        topic: reader.text('topic', topicBytesMax),
        position: readPositionIf(reader, bits),
        extensions: readExtensions(reader, bits),
        metadata: readMetadata(reader, bits),
        body: readBody(reader, bits),
      }
    case 'oneway':
      return {
        kind,
        procedure: reader.name('procedure', nameBytesMax),
        deadlineMs: readIf(reader, bits, flags.deadline, 'deadlineMs'),
        extensions: readExtensions(reader, bits),
        metadata: readMetadata(reader, bits),
        body: readBody(reader, bits),
      }
    default: {
      const envelope = readWithoutBody(kind, callId, bits, reader)
      nothingLeft(reader)
      return envelope
    }
  }
}

function readCall(
  call: ReturnType<typeof newCall>,
  callId: number,
  bits: number,
  reader: HeaderReader,
  lends: boolean,
): CallEnvelope {
  call.callId = callId
  call.procedure = reader.name('procedure', nameBytesMax)
  call.deadlineMs = readIf(reader, bits, flags.deadline, 'deadlineMs')
  call.credit = readFirstCredit(reader, bits)
  call.upload = (bits & flags.upload) !== 0
  readTail(call, bits, reader, lends)
  return call
}

function readResult(
  result: ReturnType<typeof newResult>,
  callId: number,
  bits: number,
  reader: HeaderReader,
  lends: boolean,
): ResultEnvelope {
  result.callId = callId
  readTail(result, bits, reader, lends)
  return result
}

/** Reads the end of a call or a result. */
function readTail(
  envelope: ReturnType<typeof newCall> | ReturnType<typeof newResult>,
  bits: number,
  reader: HeaderReader,
  lends: boolean,
): void {
  envelope.extensions = readExtensions(reader, bits)
  envelope.metadata = readMetadata(reader, bits)
  envelope.body = lends ? readBodyInto(lentBody, reader, bits) : readBody(reader, bits)
  envelope.goesOn = goesOn(bits)
}

function readWithoutBody(
  kind: KindRule['kind'],
  callId: number,
  bits: number,
  reader: HeaderReader,
): SessionEnvelope {
  switch (kind) {
    case 'end':
    case 'started':
      return {
        kind,
        callId,
        extensions: readExtensions(reader, bits),
        metadata: readMetadata(reader, bits),
      }
    case 'credit':
      return { kind, callId, ...readCredit(reader), extensions: readExtensions(reader, bits) }
    case 'cancel':
      return {
        kind,
        callId,
        code: reader.text('code', codeBytesMax, 1),
        text: reader.text('text', textBytesMax),
        extensions: readExtensions(reader, bits),
      }
    case 'stop':
      return { kind, callId, extensions: readExtensions(reader, bits) }
    case 'subscribe':
      return {
        kind,
        callId,
        event: reader.text('event', nameBytesMax, 1),
        topic: reader.text('topic', topicBytesMax),
        position: readPositionIf(reader, bits),
        extensions: readExtensions(reader, bits),
        metadata: readMetadata(reader, bits),
      }
    case 'unsubscribe':
      return {
        kind,
        callId,
        event: reader.text('event', nameBytesMax, 1),
        topic: reader.text('topic', topicBytesMax),
        extensions: readExtensions(reader, bits),
      }
    case 'gap':
      return {
        kind,
        event: reader.text('event', nameBytesMax, 1),
        topic: reader.text('topic', topicBytesMax),
        events: reader.varint('events'),
        position: readPositionIf(reader, bits),
        extensions: readExtensions(reader, bits),
      }
    case 'skip':
      return { kind, extensions: readExtensions(reader, bits) }
    default:
      throw reader.malformed('kind', `${withArticle(kind)} is not a session envelope`)
  }
}

function readCallId(reader: HeaderReader): number {
  const callId = reader.varint('callId')
  if (callId === 0) throw reader.malformed('callId', 'it is 0: call ids start at 1')
  return callId
}

function readFirstCredit(reader: HeaderReader, bits: number): Credit | undefined {
  if ((bits & flags.itemsWanted) === 0) return undefined
  const items = reader.varint('items')
  return { items, bytes: reader.varint('bytes') }
}

function readCredit(reader: HeaderReader): Credit {
  const items = reader.varint('items')
  const bytes = reader.varint('bytes')
  if (items === 0 && bytes === 0) throw reader.malformed('credit', 'it grants neither items nor bytes')
  return { items, bytes }
}

function readPiece(reader: HeaderReader, bits: number): EnvelopeBody {
  const body = readBody(reader, bits)
  if (body.bytes.length === 0) throw reader.malformed('body', 'a piece has at least one byte')
  return body
}

function goesOn(bits: number): boolean {
  return (bits & flags.goesOn) !== 0
}
