import { FramingError } from '../framing-error.ts'
import { describeValue } from './describe-value.ts'

const typedArrayPrototype = Object.getPrototypeOf(Uint8Array.prototype) as object
const tagOf = ownGetter<unknown, string | undefined>(Symbol.toStringTag)
const slotLength = ownGetter<Uint8Array, number>('length')
const offsetOf = ownGetter<Uint8Array, number>('byteOffset')
const bufferOf = ownGetter<Uint8Array, ArrayBufferLike>('buffer')
const readAt: (bytes: Uint8Array, index: number) => unknown = Function.prototype.call.bind(
  Uint8Array.prototype.at,
)

/** As Object.hasOwn, which engines of today do not compile into their code. */
const hasOwn: (bytes: Uint8Array, name: string) => boolean = Function.prototype.call.bind(
  Object.prototype.hasOwnProperty,
)

/** The two classes whose properties are those of %TypedArray%; the second exists in Node and in bundles for it. */
const bytesPrototype = Uint8Array.prototype
const bufferPrototype = (globalThis as { Buffer?: { prototype?: unknown } }).Buffer?.prototype

/**
 * The length of a view by its own slot, in every realm. A property of that name may be somebody's own; an element
 * cannot be. Looking at one first tells V8 what it has before it, so that the getter costs a third (2 ns of 7).
 */
export function lengthOf(bytes: Uint8Array): number {
  return bytes[0] === undefined ? 0 : slotLength(bytes)
}

/** The getters of %TypedArray%.prototype (ECMA-262, 23.2.3) run no code of whoever made the view. */
function ownGetter<Value, Result>(name: string | symbol): (value: Value) => Result {
  const getter = Object.getOwnPropertyDescriptor(typedArrayPrototype, name)?.get
  if (getter === undefined) throw new Error(`This runtime has no %TypedArray%.prototype.${String(name)}`)
  return Function.prototype.call.bind(getter)
}

/** True for a Uint8Array of every realm and class, and for nothing that only looks like one. */
export function isBytes(value: unknown): value is Uint8Array {
  return tagOf(value) === 'Uint8Array'
}

/**
 * The bytes of a view, as a view that says of itself what it has: the same one, unless its class or the view has
 * properties of its own. Undefined when its buffer was detached, or made too short for it.
 */
function plainBytes(bytes: Uint8Array): Uint8Array | undefined {
  if (lengthOf(bytes) === 0 && !isReadable(bytes)) return undefined
  const prototype: unknown = Object.getPrototypeOf(bytes)
  const isPlain = (prototype === bytesPrototype || prototype === bufferPrototype) && !hasOwnShape(bytes)
  return isPlain ? bytes : viewOf(bytes)
}

/** As {@link plainBytes}, for who reads `byteLength`, too: streams of node and of the web. */
export function plainForStreams(bytes: Uint8Array): Uint8Array | undefined {
  const plain = plainBytes(bytes)
  return plain !== undefined && hasOwn(plain, 'byteLength') ? viewOf(plain) : plain
}

/**
 * `first`, and behind it the parts of a payload. Whatever code of the caller an array may hold (getters, a Proxy) has
 * run when this returns, and the array is our own: {@link bytesBehindFirst} measures what will be sent.
 *
 * @throws FramingError `INVALID_ARGUMENT` for whatever is neither a Uint8Array nor an array of them
 */
export function partsBehind(first: Uint8Array, payload: unknown): Uint8Array[] {
  try {
    if (isBytes(payload)) return [first, ofItsLength(payload)]
    if (!Array.isArray(payload)) throw notBytes('A payload', payload)
    const count = payload.length
    if (count === 2) return twoBehind(first, payload)
    const parts = [first]
    for (let index = 0; index < count; index++) parts.push(partAt(payload, index))
    return parts
  } catch (error) {
    if (FramingError.is(error)) throw error
    throw throwsWhenRead(error)
  }
}

/**
 * The bytes of all parts behind the first, by what the views have and not by what they say.
 *
 * @throws FramingError `INVALID_ARGUMENT` for a view whose buffer was detached, or made too short for it
 */
export function bytesBehindFirst(parts: readonly Uint8Array[]): number {
  let bytes = 0
  for (let index = 1; index < parts.length; index++) {
    bytes += readableLength(parts[index] as Uint8Array)
  }
  return bytes
}

/**
 * The length of a payload by what it has. No code of the caller runs here.
 *
 * @throws FramingError `INVALID_ARGUMENT` for a view whose buffer was detached, or made too short for it
 */
export function readableLength(bytes: Uint8Array): number {
  const length = lengthOf(bytes)
  if (length === 0 && !isReadable(bytes)) refuseUnreadable('a payload')
  return length
}

/**
 * The length that a payload says it has. A property of its own may answer, so that its bytes are measured afterwards.
 *
 * @throws FramingError `INVALID_ARGUMENT` when that throws
 */
export function saidLength(bytes: Uint8Array): number {
  try {
    return bytes.length
  } catch (cause) {
    throw throwsWhenRead(cause)
  }
}

/** @throws FramingError `INVALID_ARGUMENT` */
export function checkedTarget(target: unknown): Uint8Array {
  if (isBytes(target)) return plainBytes(target) ?? refuseUnreadable('a target')
  throw notBytes('A target', target)
}

/** @throws FramingError `INVALID_CHUNK` for strings and objects: a stream with an encoding or in object mode */
export function checkedChunk(chunk: unknown): Uint8Array {
  if (!isBytes(chunk)) {
    throw new FramingError(
      'INVALID_CHUNK',
      `The source delivered ${describeValue(chunk)} instead of bytes: remove its text encoding or object mode.`,
    )
  }
  const bytes = plainBytes(chunk)
  if (bytes !== undefined) return bytes
  throw new FramingError(
    'INVALID_CHUNK',
    'The source delivered bytes whose ArrayBuffer was transferred, detached or shortened: push them before that.',
  )
}

/** What calls are, and the hot path: an array that does not grow, and both checks in one place. */
function twoBehind(first: Uint8Array, payload: readonly unknown[]): Uint8Array[] {
  const one = payload[0]
  const other = payload[1]
  if (isBytes(one) && isBytes(other)) return [first, ofItsLength(one), ofItsLength(other)]
  throw isBytes(one) ? notBytes('Part 1 of a payload', other) : notBytes('Part 0 of a payload', one)
}

/** By index, and each once: an iterator may be used up, and a getter may say something else the next time. */
function partAt(payload: readonly unknown[], index: number): Uint8Array {
  const part = payload[index]
  if (!isBytes(part)) throw notBytes(`Part ${index} of a payload`, part)
  return ofItsLength(part)
}

/** The cheap half of {@link plainBytes}, for what is sent at once by code that looks at the bytes themselves. */
function ofItsLength(bytes: Uint8Array): Uint8Array {
  return bytes.length === lengthOf(bytes) ? bytes : viewOf(bytes)
}

/** The bytes of a view. Its own `subarray` would ask its class what to make. */
export function viewOf(bytes: Uint8Array): Uint8Array {
  return new Uint8Array(bufferOf(bytes), offsetOf(bytes), lengthOf(bytes))
}

/** What this package reads of a view. (A fourth look here costs more than these three.) */
function hasOwnShape(bytes: Uint8Array): boolean {
  return hasOwn(bytes, 'length') || hasOwn(bytes, 'byteOffset') || hasOwn(bytes, 'buffer')
}

/** An empty view has nothing to send; one that has lost its bytes had something. */
function isReadable(bytes: Uint8Array): boolean {
  try {
    readAt(bytes, 0)
    return true
  } catch {
    return false
  }
}

function refuseUnreadable(what: string): never {
  throw new FramingError(
    'INVALID_ARGUMENT',
    `The ArrayBuffer of ${what} was transferred, detached or shortened: use the bytes before that, or give a copy.`,
  )
}

function throwsWhenRead(cause: unknown): FramingError {
  return new FramingError('INVALID_ARGUMENT', 'A payload throws when it is read.', { cause })
}

function notBytes(what: string, value: unknown): FramingError {
  const fix =
    typeof value === 'string'
      ? 'give new TextEncoder().encode(text)'
      : 'give a Uint8Array (a Buffer is one); for an ArrayBuffer, give new Uint8Array(buffer)'
  return new FramingError('INVALID_ARGUMENT', `${what} is ${describeValue(value)}, not bytes: ${fix}.`)
}
