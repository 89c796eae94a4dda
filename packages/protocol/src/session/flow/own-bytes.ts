import { type Body, decodeBody } from '../../envelope/codec.ts'
import type { EnvelopeBody } from '../../envelope/envelope-parts.ts'

/**
 * Whether nobody else has these bytes, because this side has copied them or has put them together from pieces. Those of
 * a frame never fill their buffer: the header of the envelope lies in front of them.
 */
function isOwn({ byteLength, buffer }: Uint8Array): boolean {
  return byteLength > 0 && byteLength === buffer.byteLength
}

/** The same body, with bytes that outlive their frame. */
export function keptBody(body: EnvelopeBody): EnvelopeBody {
  return isOwn(body.bytes) ? body : { encoding: body.encoding, bytes: body.bytes.slice() }
}

/**
 * As {@link decodeBody}, but raw bytes that are this side's own are handed out as they are: each copy of a long item is
 * memory for the garbage collector.
 *
 * @throws ProtocolError INVALID_BODY
 */
export function decodeArrived(body: EnvelopeBody): Body {
  return body.encoding === 'raw' && isOwn(body.bytes) ? { kind: 'raw', bytes: body.bytes } : decodeBody(body)
}
