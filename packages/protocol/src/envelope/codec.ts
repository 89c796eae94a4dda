import { textOfThrown } from '../checks/thrown.ts'
import { ProtocolError } from '../protocol-error.ts'
import { type EnvelopeBody, noBody } from './envelope-parts.ts'
import { isTooDeep, jsonDepthMax } from './json-depth.ts'
import { jsonForm } from './json-form.ts'
import { peerText } from './peer-text.ts'
import { decodeUtf8, encodeUtf8 } from './text.ts'

/** The number of characters that are quoted from a parser's error about a text of the peer. */
const quotedLengthMax = 200

/** A decoded body: nothing, a value of the negotiated codec, or raw bytes. */
export type Body =
  | { readonly kind: 'none' }
  | {
      readonly kind: 'value'
      /** A value that JSON can carry. */
      readonly value: unknown
    }
  | {
      readonly kind: 'raw'
      /** Raw bytes. Those that arrived are the receiver's own copy. */
      readonly bytes: Uint8Array
    }

/** The name of the only codec of version 1: JSON (RFC 8259) in UTF-8 without a byte order mark. */
export const jsonCodec = 'json'

/** The body that carries nothing. */
export const emptyBody: Body = { kind: 'none' }

/** Returns the body that carries a value: a Uint8Array as raw bytes, anything else as JSON. */
export function bodyOfValue(value: unknown): Body {
  return value instanceof Uint8Array ? { kind: 'raw', bytes: value } : { kind: 'value', value }
}

/** Returns the value of a body: a JSON value, bytes, or undefined. */
export function valueOfBody(body: Body): unknown {
  return body.kind === 'value' ? body.value : body.kind === 'raw' ? body.bytes : undefined
}

/**
 * Encodes a body. Raw bytes are not copied. `undefined` as a whole is no body, and members that are `undefined` are
 * left out.
 *
 * No value changes silently: `JSON.stringify` would make `null` of `NaN` and the infinities, a string of a Date and
 * `{}` of a Map, and leave functions out (ECMA-262, SerializeJSONProperty). An instance of a class is sent as its
 * members, or as its `toJSON` says.
 *
 * @throws ProtocolError INVALID_BODY with the path of a value that JSON cannot carry: NaN, infinities, bigint,
 *   functions, symbols, dates, maps, sets, bytes, errors, `undefined` in arrays, keys `__proto__`, over 128 levels,
 *   cycles
 */
export function encodeBody(body: Body): EnvelopeBody {
  if (body.kind === 'raw') return { encoding: 'raw', bytes: body.bytes }
  if (body.kind === 'none' || body.value === undefined) return noBody
  return { encoding: 'codec', bytes: encodeUtf8(jsonOf(body.value)) }
}

/**
 * Returns the JSON text of a body; undefined for raw bytes and for an empty body.
 *
 * @throws ProtocolError INVALID_BODY as {@link encodeBody}
 */
export function textOfBody(body: Body): string | undefined {
  return body.kind === 'value' && body.value !== undefined ? jsonOf(body.value) : undefined
}

/** Like {@link encodeBody}. @param text the result of {@link textOfBody} for it */
export function encodeBodyOf(body: Body, text: string | undefined): EnvelopeBody {
  return text === undefined ? encodeBody(body) : { encoding: 'codec', bytes: encodeUtf8(text) }
}

/**
 * Checks that a body can be sent. For most values this takes a tenth of the time that encoding takes.
 *
 * @throws ProtocolError INVALID_BODY as {@link encodeBody}
 */
export function checkBody(body: Body): void {
  if (body.kind === 'value' && body.value !== undefined) asJson(body.value, jsonForm)
}

function jsonOf(value: unknown): string {
  return asJson(value, stringified)
}

/** A function of the module, because one for each body would cost every call. */
function stringified(value: unknown): string | undefined {
  return JSON.stringify(jsonForm(value))
}

/** @param make returns undefined for a value that cannot be encoded */
function asJson<Made>(value: unknown, make: (value: unknown) => Made | undefined): Made {
  let made: Made | undefined
  try {
    made = make(value)
  } catch (cause) {
    if (ProtocolError.is(cause)) throw cause
    throw new ProtocolError('INVALID_BODY', `the value has no JSON form: ${textOfThrown(cause)}`, { cause })
  }
  if (made !== undefined) return made
  throw new ProtocolError('INVALID_BODY', 'JSON cannot carry a value whose toJSON returns undefined')
}

/**
 * Decodes a body that arrived. Raw bytes are copied, because the frame is only lent. An object key `__proto__` is
 * refused at any depth: it would become a prototype in code that copies the object by assignment.
 *
 * @throws ProtocolError INVALID_BODY for invalid UTF-8 or JSON, over 128 levels, and a key `__proto__`
 */
export function decodeBody(body: EnvelopeBody): Body {
  if (body.encoding === 'none') return emptyBody
  if (body.encoding === 'raw') return { kind: 'raw', bytes: body.bytes.slice() }
  let text: string
  let value: unknown
  try {
    text = decodeUtf8(body.bytes)
    if (isTooDeep(text)) throw new RangeError(`it nests over ${jsonDepthMax} levels deep`)
    value = JSON.parse(text)
  } catch (cause) {
    // Without the cause: its text quotes the peer.
    const why = peerText(textOfThrown(cause), quotedLengthMax)
    throw new ProtocolError('INVALID_BODY', `the body is not valid JSON in UTF-8: ${why}`)
  }
  if (mayHoldProtoKey.test(text) && holdsProtoKey(value)) {
    throw new ProtocolError('INVALID_BODY', 'the body has an object key "__proto__"')
  }
  return { kind: 'value', value }
}

/** The key itself, or an escape that may encode one of its letters: only then is the value walked. */
const mayHoldProtoKey = /__proto__|\\u00[5-7]/

/** With a list instead of recursion, because the network determines the depth. */
function holdsProtoKey(root: unknown): boolean {
  const open: unknown[] = [root]
  while (open.length > 0) {
    const value = open.pop()
    if (typeof value !== 'object' || value === null) continue
    if (!Array.isArray(value) && Object.hasOwn(value, '__proto__')) return true
    for (const member of Object.values(value)) open.push(member)
  }
  return false
}
