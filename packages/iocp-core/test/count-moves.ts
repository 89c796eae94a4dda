import { onTestFinished } from 'vitest'

const TypedArrayPrototype = Object.getPrototypeOf(Uint8Array.prototype) as Uint8Array<ArrayBuffer>

/** Counts the array elements that `shift` and `splice` move, and the bytes that typed arrays copy, until `stop`. */
export function countMoves() {
  const moved = { elements: 0, bytes: 0 }
  const { shift, splice } = Array.prototype
  const { set, slice } = TypedArrayPrototype
  const stop = () => {
    Object.assign(Array.prototype, { shift, splice })
    Object.assign(TypedArrayPrototype, { set, slice })
  }
  Array.prototype.shift = function (this: unknown[]) {
    moved.elements += this.length
    return shift.call(this)
  }
  Array.prototype.splice = function (this: unknown[], ...args: [number, number]) {
    moved.elements += this.length
    return splice.apply(this, args)
  }
  TypedArrayPrototype.set = function (this: Uint8Array, from, at) {
    moved.bytes += from.length
    set.call(this, from, at)
  }
  TypedArrayPrototype.slice = function (this: Uint8Array<ArrayBuffer>, from, to) {
    const copy = slice.call(this, from, to) as Uint8Array<ArrayBuffer>
    moved.bytes += copy.length
    return copy
  }
  onTestFinished(stop)
  return { moved, stop }
}
