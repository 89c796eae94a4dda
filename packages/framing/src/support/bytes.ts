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

/** Like Object.hasOwn, which current engines do not optimise. */
const hasOwn: (bytes: Uint8Array, name: string) => boolean = Function.prototype.call.bind(
  Object.prototype.hasOwnProperty,
)

/** The two classes whose properties are those of %TypedArray%; the second exists in Node and in bundles for it. */
const bytesPrototype = Uint8Array.prototype
const bufferPrototype = (globalThis as { Buffer?: { prototype?: unknown } }).Buffer?.prototype

/**
 * The length of a view from its internal slot, in every realm: the view may have a property `length` of its own. Reading an element first tells V8 the
 * type of the view, so that the getter takes 2 ns instead of 7.
 */
export function lengthOf(bytes: Uint8Array): number {
  return bytes[0] === undefined ? 0 : slotLength(bytes)
}

/** The getters of %TypedArray%.prototype (ECMA-262, 23.2.3) run no code of the view's creator. */
function ownGetter<Value, Result>(name: string | symbol): (value: Value) => Result {
  const getter = Object.getOwnPropertyDescriptor(typedArrayPrototype, name)?.get
  if (getter === undefined) throw new Error(`This runtime has no %TypedArray%.prototype.${String(name)}`)
  return Function.prototype.call.bind(getter)
}

/** Returns true for a Uint8Array of any realm or subclass, and for no other value, even if it looks like one. */
export function isBytes(value: unknown): value is Uint8Array {
  return tagOf(value) === 'Uint8Array'
}

/**
 * Returns a view on the same bytes whose properties are correct: the same view, unless its class or the view has properties of its own. Returns
 * undefined if the buffer was detached, or is too short for the view.
 */
function plainBytes(bytes: Uint8Array): Uint8Array | undefined {
  if (lengthOf(bytes) === 0 && !isReadable(bytes)) return undefined
  const prototype: unknown = Object.getPrototypeOf(bytes)
  const isPlain = (prototype === bytesPrototype || prototype === bufferPrototype) && !hasOwnShape(bytes)
  return isPlain ? bytes : viewOf(bytes)
}

/** Like {@link plainBytes}, for Node.js and web streams, which also read `byteLength`. */
export function plainForStreams(bytes: Uint8Array): Uint8Array | undefined {
  const plain = plainBytes(bytes)
  return plain !== undefined && hasOwn(plain, 'byteLength') ? viewOf(plain) : plain
}

/**
 * Returns a new array of `first` and the parts of a payload. Getters or a Proxy of the caller's array have run when this returns, so
 * {@link bytesBehindFirst} measures the bytes that will be sent.
 *
 * @throws FramingError `INVALID_ARGUMENT` if `payload` is neither a Uint8Array nor an array of them
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
 * The total length of all parts after the first, from their internal slots.
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
 * The length of a payload from its internal slot. No code of the caller runs here.
 *
 * @throws FramingError `INVALID_ARGUMENT` for a view whose buffer was detached, or made too short for it
 */
export function readableLength(bytes: Uint8Array): number {
  const length = lengthOf(bytes)
  if (length === 0 && !isReadable(bytes)) refuseUnreadable('a payload')
  return length
}

/**
 * The length that a payload claims. A property of its own may return it, so its bytes are measured afterwards.
 *
 * @throws FramingError `INVALID_ARGUMENT` if that property throws
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

/** @throws FramingError `INVALID_CHUNK` for strings and objects, which come from a stream with an encoding or in object mode */
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

/** The hot path, which calls use: an array that does not grow, and both checks in one place. */
function twoBehind(first: Uint8Array, payload: readonly unknown[]): Uint8Array[] {
  const one = payload[0]
  const other = payload[1]
  if (isBytes(one) && isBytes(other)) return [first, ofItsLength(one), ofItsLength(other)]
  throw isBytes(one) ? notBytes('Part 1 of a payload', other) : notBytes('Part 0 of a payload', one)
}

/** Reads each part once, by index: an iterator may be used up, and a getter may return another value the next time. */
function partAt(payload: readonly unknown[], index: number): Uint8Array {
  const part = payload[index]
  if (!isBytes(part)) throw notBytes(`Part ${index} of a payload`, part)
  return ofItsLength(part)
}

/** The cheap half of {@link plainBytes}, for bytes that are sent at once by code that reads the bytes themselves. */
function ofItsLength(bytes: Uint8Array): Uint8Array {
  return bytes.length === lengthOf(bytes) ? bytes : viewOf(bytes)
}

/** A plain view on the bytes of a view. `subarray` would use the class of the view. */
export function viewOf(bytes: Uint8Array): Uint8Array {
  return new Uint8Array(bufferOf(bytes), offsetOf(bytes), lengthOf(bytes))
}

/** Whether the view overrides a property that this package reads. (A fourth check would cost more than these three.) */
function hasOwnShape(bytes: Uint8Array): boolean {
  return hasOwn(bytes, 'length') || hasOwn(bytes, 'byteOffset') || hasOwn(bytes, 'buffer')
}

/** Distinguishes an empty view from one that has lost its bytes. */
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
