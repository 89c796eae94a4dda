import { textOfThrown } from '../checks/thrown.ts'
import { ProtocolError } from '../protocol-error.ts'
import { type EnvelopeBody, noBody } from './envelope-parts.ts'
import { isTooDeep, jsonDepthMax } from './json-depth.ts'
import { jsonForm } from './json-form.ts'
import { peerText } from './peer-text.ts'
import { decodeUtf8, encodeUtf8 } from './text.ts'

/** Characters of what a parser says of a text of the peer, and quotes. */
const quotedLengthMax = 200

/** A decoded body: nothing, a value of the negotiated codec, or raw bytes (the receiver's own copy). */
export type Body =
  | { readonly kind: 'none' }
  | { readonly kind: 'value'; readonly value: unknown }
  | { readonly kind: 'raw'; readonly bytes: Uint8Array }

/** The only codec of version 1: RFC 8259 JSON in UTF-8 without a byte order mark. */
export const jsonCodec = 'json'

export const emptyBody: Body = { kind: 'none' }

/** The body that carries what somebody gives: bytes as they are, anything else as a value. */
export function bodyOfValue(value: unknown): Body {
  return value instanceof Uint8Array ? { kind: 'raw', bytes: value } : { kind: 'value', value }
}

/** What a body carries: a value, bytes, or undefined for none. */
export function valueOfBody(body: Body): unknown {
  return body.kind === 'value' ? body.value : body.kind === 'raw' ? body.bytes : undefined
}

/**
 * A body's bytes. `undefined` as a whole is no body, and inside objects it is left out. Raw bytes are not copied.
 *
 * Nothing is sent changed: JSON.stringify makes `null` of `NaN` and the infinities, a text of a Date, `{}` of a Map, and leaves
 * functions out (ECMA-262, SerializeJSONProperty). An instance of a class is sent as its members, or as its `toJSON` says.
 *
 * @throws ProtocolError INVALID_BODY for what has no JSON form, with its path: NaN, infinities, bigint, functions, symbols, dates,
 * maps, sets, bytes, errors, `undefined` in arrays, keys `__proto__`, over 128 levels, cycles.
 */
export function encodeBody(body: Body): EnvelopeBody {
  if (body.kind === 'raw') return { encoding: 'raw', bytes: body.bytes }
  if (body.kind === 'none' || body.value === undefined) return noBody
  return { encoding: 'codec', bytes: encodeUtf8(jsonOf(body.value)) }
}

/**
 * The text of a body that travels as one; undefined for raw bytes and for nothing.
 *
 * @throws ProtocolError INVALID_BODY as {@link encodeBody}
 */
export function textOfBody(body: Body): string | undefined {
  return body.kind === 'value' && body.value !== undefined ? jsonOf(body.value) : undefined
}

/** As {@link encodeBody}. @param text what {@link textOfBody} gave for it */
export function encodeBodyOf(body: Body, text: string | undefined): EnvelopeBody {
  return text === undefined ? encodeBody(body) : { encoding: 'codec', bytes: encodeUtf8(text) }
}

/**
 * Looks whether a body could be sent, at a tenth of what its bytes cost for most values.
 *
 * @throws ProtocolError INVALID_BODY as {@link encodeBody}
 */
export function checkBody(body: Body): void {
  if (body.kind === 'value' && body.value !== undefined) asJson(body.value, jsonForm)
}

function jsonOf(value: unknown): string {
  return asJson(value, stringified)
}

/** A function of the module: one made for each body would cost every call. */
function stringified(value: unknown): string | undefined {
  return JSON.stringify(jsonForm(value))
}

/** @param make gives undefined for what has no form */
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
 * The value of a body that arrived; raw bytes are copied, because the frame is only lent. An object key
 * `__proto__` is refused at any depth: an own property of that name turns into a prototype in whatever copies
 * the object by assignment.
 *
 * @throws ProtocolError INVALID_BODY
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

/** The key itself, or an escape that may spell one of its letters: only then is the value walked. */
const mayHoldProtoKey = /__proto__|\\u00[5-7]/

/** With a list of its own instead of recursion: depth comes from the network. */
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
