import { type Body, decodeBody } from '../../envelope/codec.ts'
import type { EnvelopeBody } from '../../envelope/envelope-parts.ts'

/**
 * Whether this side owns these bytes, because it has copied them or joined them from pieces. Those of a frame never
 * fill their buffer: the header of the envelope precedes them.
 */
function isOwn({ byteLength, buffer }: Uint8Array): boolean {
  return byteLength > 0 && byteLength === buffer.byteLength
}

/** The same body, with bytes that outlive their frame. */
export function keptBody(body: EnvelopeBody): EnvelopeBody {
  return isOwn(body.bytes) ? body : { encoding: body.encoding, bytes: body.bytes.slice() }
}

/**
 * Like {@link decodeBody}, but returns raw bytes that this side owns as they are, because each copy of a long item is
 * work for the garbage collector.
 *
 * @throws ProtocolError INVALID_BODY
 */
export function decodeArrived(body: EnvelopeBody): Body {
  return body.encoding === 'raw' && isOwn(body.bytes) ? { kind: 'raw', bytes: body.bytes } : decodeBody(body)
}
