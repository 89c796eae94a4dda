import { runInNewContext } from 'node:vm'

/** Values that a program may pass instead of bytes, by name. None is a Uint8Array. */
function notBytes(): [string, unknown][] {
  return [
    ['undefined', undefined],
    ['null', null],
    ['a number', 5],
    ['a bigint', 5n],
    ['a boolean', true],
    ['a symbol', Symbol('s')],
    ['text', 'abc'],
    ['text that is longer in UTF-8', 'é'],
    ['a String object', new String('abc')],
    ['an object', {}],
    ['an object with a length', { length: 3 }],
    ['a function', () => undefined],
    ['an ArrayBuffer', new ArrayBuffer(3)],
    ['a SharedArrayBuffer', new SharedArrayBuffer(3)],
    ['a DataView', new DataView(new ArrayBuffer(3))],
    ['a Uint16Array', new Uint16Array(3)],
    ['a Uint8ClampedArray', new Uint8ClampedArray(3)],
    ['an Int8Array', new Int8Array(3)],
    ['an array of numbers', [1, 2, 3]],
    ['a Set of bytes', new Set([new Uint8Array(1)])],
    ['a generator of bytes', onePart()],
    ['a Proxy of bytes', new Proxy(new Uint8Array(3), {})],
    ['an object with the prototype of bytes', Object.create(Uint8Array.prototype)],
    ['an object with the tag of bytes', { [Symbol.toStringTag]: 'Uint8Array', length: 3 }],
  ]
}

function* onePart(): Generator<Uint8Array> {
  yield new Uint8Array([1])
}

/** A view whose buffer was transferred, so that its bytes are gone. */
function detached(): Uint8Array {
  const view = new Uint8Array(3)
  structuredClone(view.buffer, { transfer: [view.buffer] })
  return view
}

/** Values without readable bytes: {@link notBytes}, and a view whose bytes are gone. */
export function unreadableBytes(): [string, unknown][] {
  return [...notBytes(), ['a detached view', detached()]]
}

export function throwingArray(): Uint8Array[] {
  const parts = [new Uint8Array(1)]
  Object.defineProperty(parts, 0, {
    get() {
      throw new Error('a getter threw')
    },
  })
  return parts
}

/** A value of another realm. */
export function foreign<Value>(source: string): Value {
  return runInNewContext(source) as Value
}

class LyingBytes extends Uint8Array {
  static get [Symbol.species](): never {
    throw new Error('the class was asked what to make')
  }

  override get length(): number {
    return 1
  }

  override get byteLength(): number {
    return 1
  }

  override get byteOffset(): number {
    return 2
  }

  override subarray(): never {
    throw new Error('subarray was asked')
  }

  override slice(): never {
    throw new Error('slice was asked')
  }
}

/** Views on the bytes 1, 2, 3 whose properties claim something else, by name. */
export function oddViews(): [string, () => Uint8Array][] {
  return [
    ['a class with a length of its own', () => new LyingBytes([1, 2, 3])],
    [
      'a view with a length that changes',
      () => {
        let reads = 0
        return Object.defineProperty(new Uint8Array([1, 2, 3]), 'length', { get: () => 3 + reads++ })
      },
    ],
    ['a view with a fixed length of its own', () => Object.defineProperty(bytes(), 'length', { value: 1 })],
    ['a view with a byteLength of its own', () => Object.defineProperty(bytes(), 'byteLength', { value: 1 })],
    ['a view with a byteOffset of its own', () => Object.defineProperty(bytes(), 'byteOffset', { value: 1 })],
    [
      'a view with a buffer of its own',
      () => Object.defineProperty(bytes(), 'buffer', { value: new ArrayBuffer(9) }),
    ],
    ['a Buffer', () => Buffer.from([1, 2, 3])],
    ['a view of shared memory', () => sharedBytes()],
    ['a view of another realm', () => foreign<Uint8Array>('new Uint8Array([1, 2, 3])')],
  ]
}

function bytes(): Uint8Array {
  return new Uint8Array([1, 2, 3])
}

function sharedBytes(): Uint8Array {
  const view = new Uint8Array(new SharedArrayBuffer(3))
  view.set([1, 2, 3])
  return view
}
