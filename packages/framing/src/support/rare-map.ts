/**
 * A map that takes memory for its entries only once there was one. An empty `Map` takes some 190 bytes, and a connection has more than
 * a dozen of those, of which most never use more than two.
 */
export class RareMap<Key, Value> implements Iterable<[Key, Value]> {
  #map: Map<Key, Value> | undefined

  get size(): number {
    return this.#map === undefined ? 0 : this.#map.size
  }

  get(key: Key): Value | undefined {
    return this.#map?.get(key)
  }

  has(key: Key): boolean {
    return this.#map?.has(key) === true
  }

  set(key: Key, value: Value): this {
    this.#map ??= new Map()
    this.#map.set(key, value)
    return this
  }

  delete(key: Key): boolean {
    return this.#map?.delete(key) === true
  }

  clear(): void {
    this.#map = undefined
  }

  keys(): Iterable<Key> {
    return this.#map?.keys() ?? []
  }

  values(): Iterable<Value> {
    return this.#map?.values() ?? []
  }

  [Symbol.iterator](): Iterator<[Key, Value]> {
    return (this.#map ?? [])[Symbol.iterator]()
  }
}
