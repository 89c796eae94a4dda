/** An object that is found by its id. */
interface Numbered {
  readonly id: number
}

const placesMin = 8

/** The size that an empty table keeps: a peer with bursts of 64 calls causes no new table. */
const placesKept = 128

/**
 * Derived from the golden ratio: consecutive ids are spread far apart (Knuth, The Art of Computer Programming 3, 6.4).
 */
const spreading = 0x9e3779b1

/**
 * A table of calls by id. A `Map` allocates a new table each time as many calls have come and gone as it has places,
 * and smaller ones while a burst is answered: 130 bytes for each call. This table has its places in one array, at most
 * half full, and fills the place of a removed call with those after it.
 */
export class CallsById<Call extends Numbered> {
  /** Created with the first call. */
  #places: (Call | undefined)[] | undefined
  /** The number of bits of a 32-bit product that do not select a place. */
  #shift = 0
  #size = 0

  get size(): number {
    return this.#size
  }

  get(id: number): Call | undefined {
    const places = this.#places
    if (places === undefined) return undefined
    for (let at = this.#home(id); ; at = (at + 1) & (places.length - 1)) {
      const call = places[at]
      if (call === undefined || call.id === id) return call
    }
  }

  has(id: number): boolean {
    return this.get(id) !== undefined
  }

  /** @param call with an id that is not in the table */
  add(call: Call): void {
    if (this.#places === undefined) this.#become(placesMin)
    else if (2 * (this.#size + 1) > this.#places.length) this.#grow(this.#places)
    this.#put(call)
    this.#size += 1
  }

  delete(id: number): boolean {
    const places = this.#places
    if (places === undefined) return false
    const last = places.length - 1
    let free = this.#home(id)
    while (places[free]?.id !== id) {
      if (places[free] === undefined) return false
      free = (free + 1) & last
    }
    // Moves later entries up, except those that are at their own place, or between it and the free place.
    for (let at = (free + 1) & last; ; at = (at + 1) & last) {
      const call = places[at]
      if (call === undefined) break
      if (((at - this.#home(call.id)) & last) < ((at - free) & last)) continue
      places[free] = call
      free = at
    }
    places[free] = undefined
    this.#size -= 1
    if (this.#size === 0 && places.length > placesKept) this.#places = undefined
    return true
  }

  /** The calls that are present at the start, by their ids, without those removed before their turn. */
  *values(): Generator<Call> {
    const calls = (this.#places ?? []).filter((call) => call !== undefined)
    for (const call of calls.sort((one, other) => one.id - other.id)) if (this.has(call.id)) yield call
  }

  #home(id: number): number {
    return Math.imul(id, spreading) >>> this.#shift
  }

  #become(places: number): void {
    this.#places = new Array<Call | undefined>(places).fill(undefined)
    this.#shift = Math.clz32(places) + 1
  }

  #grow(places: readonly (Call | undefined)[]): void {
    this.#become(2 * places.length)
    for (const call of places) if (call !== undefined) this.#put(call)
  }

  #put(call: Call): void {
    const places = this.#places as (Call | undefined)[]
    let at = this.#home(call.id)
    while (places[at] !== undefined) at = (at + 1) & (places.length - 1)
    places[at] = call
  }
}
