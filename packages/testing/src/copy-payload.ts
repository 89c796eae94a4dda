import { FramingError, type Payload } from '@frameport/framing'
import { describeValue } from '@frameport/protocol/checks'

/**
 * Copies a payload into one piece, so that the caller may reuse its bytes at once.
 *
 * @throws FramingError `INVALID_ARGUMENT` for a value that is not bytes, `FRAME_TOO_LONG`
 */
export function copyPayload(payload: Payload, bytesMax: number): Uint8Array {
  const parts: readonly unknown[] = Array.isArray(payload) ? [...payload] : [payload]
  const bytes = parts.map(asBytes)
  const length = bytes.reduce((sum, part) => sum + part.byteLength, 0)
  if (length > bytesMax) throw tooLong('A payload', length, bytesMax)
  const copy = new Uint8Array(length)
  let offset = 0
  for (const part of bytes) {
    copy.set(part, offset)
    offset += part.byteLength
  }
  return copy
}

/** @param what the subject of the sentence: a payload of the caller, or a received frame */
export function tooLong(what: string, announcedBytes: number, frameBytesMax: number): FramingError {
  const text = `${what} of ${announcedBytes} bytes exceeds the limit of ${frameBytesMax}.`
  return new FramingError('FRAME_TOO_LONG', text, { announcedBytes, frameBytesMax })
}

/** Checks the tag, because a test runner may have made the value in another realm. */
function asBytes(part: unknown): Uint8Array {
  if (Object.prototype.toString.call(part) === '[object Uint8Array]') return part as Uint8Array
  throw new FramingError(
    'INVALID_ARGUMENT',
    `A payload is ${describeValue(part)} not bytes: give a Uint8Array, or an array of them.`,
  )
}
