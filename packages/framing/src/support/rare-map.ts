/**
 * A map that allocates memory only when it gets its first entry. An empty `Map` takes about 190 bytes, and a connection has more than a dozen maps, most of
 * which stay empty.
 */
export class RareMap<Key, Value> implements Iterable<[Key, Value]> {
  #map: Map<Key, Value> | undefined

  /** The number of entries. */
  get size(): number {
    return this.#map === undefined ? 0 : this.#map.size
  }

  /** Returns the value of `key`, or undefined. */
  get(key: Key): Value | undefined {
    return this.#map?.get(key)
  }

  /** Returns true if there is an entry for `key`. */
  has(key: Key): boolean {
    return this.#map?.has(key) === true
  }

  /** Sets the value of `key`. */
  set(key: Key, value: Value): this {
    this.#map ??= new Map()
    this.#map.set(key, value)
    return this
  }

  /** Removes the entry of `key`. Returns true if there was one. */
  delete(key: Key): boolean {
    return this.#map?.delete(key) === true
  }

  /** Removes all entries and releases their memory. */
  clear(): void {
    this.#map = undefined
  }

  /** The keys, in the order in which they were added. */
  keys(): Iterable<Key> {
    return this.#map?.keys() ?? []
  }

  /** The values, in the order in which their keys were added. */
  values(): Iterable<Value> {
    return this.#map?.values() ?? []
  }

  /** Iterates over the entries, in the order in which their keys were added. */
  [Symbol.iterator](): Iterator<[Key, Value]> {
    return (this.#map ?? [])[Symbol.iterator]()
  }
}
