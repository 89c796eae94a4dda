import { types } from 'node:util'
import { describeValue } from '../arguments/describe-value.ts'
import { IocpError } from '../iocp-error.ts'

const { isUint8Array } = types

const slotLength = ownGetter<number>('length')
const offsetOf = ownGetter<number>('byteOffset')
const bufferOf = ownGetter<ArrayBufferLike>('buffer')
const readAt: (bytes: Uint8Array, index: number) => unknown = Function.prototype.call.bind(
  Uint8Array.prototype.at,
)

/**
 * The length of a view by its own slot, in every realm. A property of that name may be user-defined; an element
 * cannot be. Reading an element first tells V8 the type, so that the getter costs a third (2 ns of 7).
 */
export function lengthOf(bytes: Uint8Array): number {
  return bytes[0] === undefined ? 0 : slotLength(bytes)
}

/** The getters of %TypedArray%.prototype (ECMA-262, 23.2.3) run no user code. */
function ownGetter<Result>(name: 'length' | 'byteOffset' | 'buffer'): (bytes: Uint8Array) => Result {
  const prototype = Object.getPrototypeOf(Uint8Array.prototype) as object
  const getter = Object.getOwnPropertyDescriptor(prototype, name)?.get
  if (getter === undefined) throw new Error(`every runtime has %TypedArray%.prototype.${name}`)
  return Function.prototype.call.bind(getter)
}

/**
 * The parts of the argument of `send`. Any code of the caller in an array (getters, a Proxy) has run when this
 * returns, and the array is our own: it does not change until the bytes are copied. It is lent until {@link giveBackParts}.
 *
 * @throws IocpError `INVALID_ARGUMENT` for anything other than a Uint8Array or an array of them.
 */
export function partsOf(given: unknown): readonly Uint8Array[] {
  if (isUint8Array(given)) return [given]
  try {
    if (!Array.isArray(given)) throw notBytes('send got', given)
    const count = given.length
    if (count === 2) {
      // The hot path, for frames: an array that does not grow, and no call for each part.
      const first: unknown = given[0]
      const second: unknown = given[1]
      if (isUint8Array(first) && isUint8Array(second)) return lendPair(first, second)
      throw isUint8Array(first) ? wrongPart(1, second) : wrongPart(0, first)
    }
    const parts: Uint8Array[] = []
    for (let index = 0; index < count; index++) parts.push(partAt(given, index))
    return parts
  } catch (error) {
    if (IocpError.is(error)) throw error
    throw new IocpError('INVALID_ARGUMENT', {
      detail: 'reading the array that was passed to send threw an error',
      cause: error,
    })
  }
}

const nothing = new Uint8Array(0)

/** One for all sends: while it is lent, no other send runs, because the bytes are copied first. */
const pair: [Uint8Array, Uint8Array] = [nothing, nothing]

function lendPair(first: Uint8Array, second: Uint8Array): readonly Uint8Array[] {
  pair[0] = first
  pair[1] = second
  return pair
}

/** Call it when the bytes of the last {@link partsOf} are copied or sent: it drops the references to the caller's views. */
export function giveBackParts(): void {
  pair[0] = nothing
  pair[1] = nothing
}

/** Reads by index, and each part once: an iterator may be used up, and a getter may return another value the next time. */
function partAt(given: readonly unknown[], index: number): Uint8Array {
  const part = given[index]
  if (isUint8Array(part)) return part
  throw wrongPart(index, part)
}

function wrongPart(index: number, part: unknown): IocpError {
  return notBytes(`part ${index} of a send is`, part)
}

/**
 * The total length of all parts.
 *
 * @throws IocpError `INVALID_ARGUMENT` for a view whose buffer was detached, or has become too short for it.
 */
export function bytesIn(parts: readonly Uint8Array[]): number {
  let bytes = 0
  for (let index = 0; index < parts.length; index++) {
    const part = parts[index]!
    const length = lengthOf(part)
    if (length === 0) refuseUnreadable(part)
    bytes += length
  }
  return bytes
}

/** Up to this length, the header of a frame, a loop is faster than calling `set` (which costs about 20 ns). */
const loopBytesMax = 8

/**
 * Copies `length` bytes, the length of the part when it was checked. It may have grown since, if another thread shares
 * its memory: then the bytes behind them in `to` are overwritten as well, and must be free.
 */
export function copyBytes(to: Uint8Array, offset: number, part: Uint8Array, length: number): void {
  if (length <= loopBytesMax) {
    for (let index = 0; index < length; index++) to[offset + index] = part[index]!
    return
  }
  try {
    to.set(part, offset)
  } catch {
    to.set(viewOf(part, 0, length), offset)
  }
}

/** `length` bytes of a part. The part's own `subarray` would create an instance of its class. */
export function viewOf(part: Uint8Array, offset: number, length: number): Uint8Array {
  return new Uint8Array(bufferOf(part), offsetOf(part) + offset, length)
}

/** An empty view has nothing to send; a detached view had something. */
function refuseUnreadable(part: Uint8Array): void {
  try {
    readAt(part, 0)
  } catch (cause) {
    throw new IocpError('INVALID_ARGUMENT', {
      detail: 'send got bytes whose ArrayBuffer was transferred, detached or shortened',
      fix: 'Send the bytes before you transfer their buffer, or send a copy.',
      cause,
    })
  }
}

function notBytes(what: string, value: unknown): IocpError {
  const fix =
    typeof value === 'string'
      ? 'Send bytes: new TextEncoder().encode(text), or Buffer.from(text).'
      : 'Send a Uint8Array (a Buffer is one) or an array of them; for an ArrayBuffer, send new Uint8Array(buffer).'
  return new IocpError('INVALID_ARGUMENT', { detail: `${what} ${describeValue(value)}`, fix })
}
