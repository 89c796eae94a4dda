import { type Body, emptyBody } from '../envelope/codec.ts'
import { ProtocolError } from '../protocol-error.ts'
import { bodyKindOf } from './parse-with.ts'
import type { Schema } from './schema.ts'

/**
 * Returns the body for a value to be sent. The value is not validated, because the receiver does that. `undefined` is
 * sent as no body.
 *
 * @throws ProtocolError INVALID_BODY if the schema is `bytes()` and the value is not a Uint8Array
 */
export function toBody(schema: Schema | undefined, value: unknown): Body {
  const kind = bodyKindOf(schema)
  if (kind === 'none') return emptyBody
  if (kind === 'value') return value === undefined ? emptyBody : { kind, value }
  if (ArrayBuffer.isView(value) && Object.prototype.toString.call(value) === '[object Uint8Array]') {
    return { kind, bytes: value as Uint8Array }
  }
  throw new ProtocolError(
    'INVALID_BODY',
    `bytes() takes a Uint8Array, not ${value === null ? 'null' : typeof value}`,
  )
}
