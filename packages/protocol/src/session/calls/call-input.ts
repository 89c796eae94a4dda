import { encodeBodyOf, textOfBody } from '../../envelope/codec.ts'
import type { EnvelopeBody } from '../../envelope/envelope-parts.ts'
import { isShortText, textBytesMax } from '../../envelope/short-envelope.ts'
import { encodeUtf8 } from '../../envelope/text.ts'
import type { OutgoingCallOptions } from '../common/call-types.ts'

/** The input of a call that was not sent: a short text is encoded where it is sent, and anything else is bytes already. */
export type CallInput = string | EnvelopeBody

/** @throws ProtocolError INVALID_BODY for an input without a form on the wire */
export function inputOf({ input, isOneway, subscription }: OutgoingCallOptions): CallInput {
  const text = isOneway === true || subscription !== undefined ? undefined : textOfBody(input)
  return text !== undefined && isShortText(text) ? text : encodeBodyOf(input, text)
}

/** Its bytes, which may be those of the caller. */
export function encodedInput(input: CallInput): EnvelopeBody {
  return typeof input === 'string' ? { encoding: 'codec', bytes: encodeUtf8(input) } : input
}

/** Its bytes, which the caller cannot change any more. */
export function keptInput(input: CallInput): EnvelopeBody {
  const encoded = encodedInput(input)
  return encoded.encoding === 'raw' ? { encoding: 'raw', bytes: encoded.bytes.slice() } : encoded
}

/** How many bytes it has, or more for a short text, which is not encoded yet. */
export function inputBytesMost(input: CallInput): number {
  return typeof input === 'string' ? textBytesMax(input) : input.bytes.length
}
