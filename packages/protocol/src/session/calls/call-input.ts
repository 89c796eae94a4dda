import { encodeBodyOf, textOfBody } from '../../envelope/codec.ts'
import type { EnvelopeBody } from '../../envelope/envelope-parts.ts'
import { isShortText, textBytesMax } from '../../envelope/short-envelope.ts'
import { encodeUtf8 } from '../../envelope/text.ts'
import type { OutgoingCallOptions } from '../common/call-types.ts'

/** The input of an unsent call: a short text, which is encoded when it is sent, or bytes. */
export type CallInput = string | EnvelopeBody

/** @throws ProtocolError INVALID_BODY for an input that cannot be encoded */
export function inputOf({ input, isOneway, subscription }: OutgoingCallOptions): CallInput {
  const text = isOneway === true || subscription !== undefined ? undefined : textOfBody(input)
  return text !== undefined && isShortText(text) ? text : encodeBodyOf(input, text)
}

/** The bytes of the input, which may belong to the caller. */
export function encodedInput(input: CallInput): EnvelopeBody {
  return typeof input === 'string' ? { encoding: 'codec', bytes: encodeUtf8(input) } : input
}

/** The bytes of the input, which the caller cannot change any more. */
export function keptInput(input: CallInput): EnvelopeBody {
  const encoded = encodedInput(input)
  return encoded.encoding === 'raw' ? { encoding: 'raw', bytes: encoded.bytes.slice() } : encoded
}

/** The length of the input in bytes; an upper bound for a short text, which is not encoded yet. */
export function inputBytesMost(input: CallInput): number {
  return typeof input === 'string' ? textBytesMax(input) : input.bytes.length
}
