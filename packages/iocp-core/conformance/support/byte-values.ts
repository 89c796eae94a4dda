import { runInNewContext } from 'node:vm'
import { resizableBuffer } from './values.ts'

/** A value that is bytes although it looks odd, and what has to arrive of it. */
export interface ByteValue {
  readonly name: string
  readonly make: (bytes: Uint8Array) => unknown
}

/** What says another length to whoever does not ask the view itself. */
function lying(bytes: Uint8Array, length: () => unknown): Uint8Array {
  const value = new Uint8Array(bytes)
  for (const name of ['length', 'byteLength', 'byteOffset', 'buffer']) {
    Object.defineProperty(value, name, { get: length })
  }
  return value
}

/** Whoever lets a part decide what its parts are would ask its class. */
class Sub extends Uint8Array {
  static get [Symbol.species](): Uint8ArrayConstructor {
    throw new Error('nobody makes another one of this kind')
  }
}

export const byteValues: readonly ByteValue[] = [
  { name: 'a Uint8Array', make: (bytes) => bytes },
  { name: 'a part of a longer array', make: (bytes) => padded(bytes).subarray(7, 7 + bytes.length) },
  { name: 'a Buffer', make: (bytes) => Buffer.from(bytes) },
  { name: 'an instance of a class that extends Uint8Array', make: (bytes) => new Sub(bytes) },
  {
    name: 'bytes whose properties claim that they are longer',
    make: (bytes) => lying(bytes, () => 1_000_000),
  },
  { name: 'bytes whose properties claim that they are shorter', make: (bytes) => lying(bytes, () => 0) },
  { name: 'bytes whose properties claim a negative length', make: (bytes) => lying(bytes, () => -1) },
  {
    name: 'bytes whose getters throw',
    make: (bytes) =>
      lying(bytes, () => {
        throw new Error('never asked')
      }),
  },
  { name: 'bytes of another realm', make: (bytes) => elsewhere('Uint8Array.from(given)', bytes) },
  { name: 'an array of another realm', make: (bytes) => elsewhere('[Uint8Array.from(given)]', bytes) },
  { name: 'bytes in shared memory', make: (bytes) => shared(bytes, bytes.length) },
  { name: 'bytes in shared memory that can grow', make: (bytes) => shared(bytes, undefined) },
  { name: 'bytes in a buffer that can be resized', make: resizable },
  { name: 'an array of bytes', make: (bytes) => [bytes.subarray(0, 2), bytes.subarray(2)] },
  { name: 'an array with an empty part', make: (bytes) => [new Uint8Array(0), bytes, Buffer.alloc(0)] },
  { name: 'a frozen array', make: (bytes) => Object.freeze([bytes]) },
  { name: 'an array whose iterator gives something else', make: withOtherIterator },
  { name: 'an array whose element changes', make: (bytes) => changing([bytes, new Uint8Array(5), 'x']) },
  { name: 'an array that grows while it is read', make: growing },
]

function padded(bytes: Uint8Array): Uint8Array {
  const longer = new Uint8Array(bytes.length + 20)
  longer.set(bytes, 7)
  return longer
}

function elsewhere(program: string, given: Uint8Array): unknown {
  return runInNewContext(program, { given: [...given] })
}

function shared(bytes: Uint8Array, length: number | undefined): Uint8Array {
  const options = { maxByteLength: bytes.length + 64 }
  // Newer than the declarations of the least version of Node.
  const Growable = SharedArrayBuffer as unknown as new (length: number, options: object) => SharedArrayBuffer
  const view = new Uint8Array(new Growable(bytes.length, options), 0, length)
  view.set(bytes)
  return view
}

function resizable(bytes: Uint8Array): Uint8Array {
  const view = new Uint8Array(resizableBuffer(bytes.length, bytes.length + 64))
  view.set(bytes)
  return view
}

function withOtherIterator(bytes: Uint8Array): unknown {
  const once = [new Uint8Array(9)].values()
  return Object.assign([bytes], { [Symbol.iterator]: () => once })
}

/** Gives the first answer first, and another one to whoever asks again. */
function changing(answers: unknown[]): unknown {
  return Object.defineProperty([], 0, { get: () => answers.shift(), enumerable: true })
}

function growing(bytes: Uint8Array): unknown {
  const parts: unknown[] = []
  const get = () => {
    parts.push(new Uint8Array(9))
    return bytes
  }
  return Object.defineProperty(parts, 0, { get, enumerable: true })
}
