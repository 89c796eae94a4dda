import { runInNewContext } from 'node:vm'

/** One kind of value; `make` makes a fresh one, because using some of them up is the point. */
export interface Value {
  readonly name: string
  readonly make: () => unknown
}

const bytes = () => Uint8Array.of(1, 2, 3, 4, 5)

function throws(): never {
  throw new Error('a getter that throws')
}

function revoked(target: object): unknown {
  const { proxy, revoke } = Proxy.revocable(target, {})
  revoke()
  return proxy
}

const scalars: readonly Value[] = [
  { name: 'undefined', make: () => undefined },
  { name: 'null', make: () => null },
  { name: 'true', make: () => true },
  { name: 'false', make: () => false },
  { name: '0', make: () => 0 },
  { name: '-1', make: () => -1 },
  { name: '1.5', make: () => 1.5 },
  { name: '2 ** 53', make: () => 2 ** 53 },
  { name: 'NaN', make: () => Number.NaN },
  { name: 'Infinity', make: () => Number.POSITIVE_INFINITY },
  { name: 'a bigint', make: () => 5n },
  { name: 'an empty string', make: () => '' },
  { name: 'a string', make: () => 'hello' },
  { name: 'a symbol', make: () => Symbol('s') },
]

const objects: readonly Value[] = [
  { name: 'a plain object', make: () => ({}) },
  { name: 'an object without a prototype', make: () => Object.create(null) },
  { name: 'an object of an unknown name', make: () => ({ lenght: 5 }) },
  { name: 'an instance of a class', make: () => new (class Thing {})() },
  { name: 'a function', make: () => () => bytes() },
  { name: 'a class', make: () => class Thing {} },
  { name: 'a String', make: () => new String('hello') },
  { name: 'a Number', make: () => new Number(5) },
  { name: 'a Date', make: () => new Date(0) },
  { name: 'a RegExp', make: () => /x/ },
  { name: 'an Error', make: () => new Error('x') },
  { name: 'a Promise', make: () => Promise.resolve(bytes()) },
  { name: 'a Map', make: () => new Map([[0, bytes()]]) },
  { name: 'a Set', make: () => new Set([bytes()]) },
  { name: 'a WeakRef', make: () => new WeakRef({}) },
  {
    name: 'an object whose conversions throw',
    make: () => ({ toString: throws, valueOf: throws, toJSON: throws }),
  },
  { name: 'an object with itself inside', make: () => withItself() },
  {
    name: 'an object whose every getter throws',
    make: () => new Proxy({}, { get: throws, has: throws, ownKeys: throws, getPrototypeOf: throws }),
  },
  { name: 'a revoked Proxy', make: () => revoked({}) },
  { name: 'a revoked Proxy of an array', make: () => revoked([]) },
  { name: 'an object of another realm', make: () => runInNewContext('({ 0: 1, length: 1 })') },
]

const sequences: readonly Value[] = [
  { name: 'an array of numbers', make: () => [1, 2, 3] },
  { name: 'an array of strings', make: () => ['hello'] },
  { name: 'a nested array', make: () => [[bytes()]] },
  { name: 'an array with a hole', make: () => Object.assign([bytes()], { 2: bytes() }) },
  { name: 'an array of undefined', make: () => [undefined] },
  { name: 'an array of numbers of another realm', make: () => runInNewContext('[1, 2, 3]') },
  { name: 'an array with bytes followed by another value', make: () => [bytes(), bytes(), 'hello'] },
  { name: 'an array with an element that throws', make: () => withElement(throws) },
  { name: 'an array of an ArrayBuffer', make: () => [new ArrayBuffer(5)] },
  { name: 'an array of a DataView', make: () => [new DataView(new ArrayBuffer(5))] },
  { name: 'an array of a Uint16Array', make: () => [Uint16Array.of(1, 2, 3)] },
  { name: 'a Proxy of an array that never ends', make: () => new Proxy([], { get: endless }) },
  { name: 'something like an array', make: () => ({ length: 1, 0: bytes() }) },
  { name: 'an iterator', make: () => [bytes(), bytes()].values() },
  { name: 'a generator', make: () => generator() },
  { name: 'an async generator', make: () => asyncGenerator() },
  { name: 'an iterable', make: () => ({ [Symbol.iterator]: () => [bytes()].values() }) },
]

const binaries: readonly Value[] = [
  { name: 'an ArrayBuffer', make: () => new ArrayBuffer(5) },
  { name: 'a SharedArrayBuffer', make: () => new SharedArrayBuffer(5) },
  { name: 'a DataView', make: () => new DataView(new ArrayBuffer(5)) },
  { name: 'an Int8Array', make: () => Int8Array.of(1, 2, 3) },
  { name: 'a Uint8ClampedArray', make: () => Uint8ClampedArray.of(1, 2, 3) },
  { name: 'an Int16Array', make: () => Int16Array.of(1, 2, 3) },
  { name: 'a Uint16Array', make: () => Uint16Array.of(1, 2, 3) },
  { name: 'an Int32Array', make: () => Int32Array.of(1, 2, 3) },
  { name: 'a Uint32Array', make: () => Uint32Array.of(1, 2, 3) },
  { name: 'a Float32Array', make: () => Float32Array.of(1, 2, 3) },
  { name: 'a Float64Array', make: () => Float64Array.of(1, 2, 3) },
  { name: 'a BigInt64Array', make: () => BigInt64Array.of(1n, 2n, 3n) },
  { name: 'a BigUint64Array', make: () => BigUint64Array.of(1n, 2n, 3n) },
  { name: 'a Uint16Array of another realm', make: () => runInNewContext('Uint16Array.of(1, 2, 3)') },
  { name: 'a Proxy of bytes', make: () => new Proxy(bytes(), {}) },
  { name: 'an object with the prototype of bytes', make: () => Object.create(Uint8Array.prototype) },
  { name: 'bytes that were detached', make: () => detached(new Uint8Array(5)) },
  { name: 'many bytes that were detached', make: () => detached(new Uint8Array(100_000)) },
  { name: 'an array with bytes that were detached', make: () => [bytes(), detached(new Uint8Array(5))] },
  { name: 'an array whose getter detaches the part before it', make: detachingArray },
  { name: 'bytes outside a buffer that was made shorter', make: outside },
]

/** Nothing of this is bytes, and nothing of it an endpoint. */
export const wrongValues: readonly Value[] = [...scalars, ...objects, ...sequences, ...binaries]

function withItself(): object {
  const value: { self?: object } = {}
  value.self = value
  return value
}

function withElement(get: () => unknown): unknown[] {
  return Object.defineProperty([bytes()], 1, { get, enumerable: true, configurable: true })
}

function endless(_: object, name: string | symbol): unknown {
  return name === 'length' ? Number.POSITIVE_INFINITY : undefined
}

function* generator() {
  yield bytes()
  yield bytes()
}

async function* asyncGenerator() {
  yield bytes()
}

function detached(value: Uint8Array<ArrayBuffer>): Uint8Array {
  structuredClone(value.buffer, { transfer: [value.buffer] })
  return value
}

function detachingArray(): unknown {
  const first = bytes()
  return Object.defineProperty([first], 1, { get: () => detached(first) && bytes(), enumerable: true })
}

/** Newer than the declarations of the least version of Node, and not newer than that version. */
type ResizableBuffer = ArrayBuffer & { resize(bytes: number): void }

export function resizableBuffer(bytes: number, maxByteLength: number): ResizableBuffer {
  const Resizable = ArrayBuffer as unknown as new (bytes: number, options: object) => ResizableBuffer
  return new Resizable(bytes, { maxByteLength })
}

function outside(): unknown {
  const buffer = resizableBuffer(10, 10)
  const view = new Uint8Array(buffer, 5, 5)
  buffer.resize(2)
  return view
}
