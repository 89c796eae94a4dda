/** Unused places are released when there are as many as used ones, and at least this many. */
const leftPlacesMin = 64

/** A queue: `shift` of an array would move all remaining entries. */
export class NumberedLine<Entry> {
  #entries: (Entry | undefined)[] = []
  #head = 0

  get length(): number {
    return this.#entries.length - this.#head
  }

  /** Returns an entry; index 0 is the oldest present. */
  at(index: number): Entry | undefined {
    return this.#entries[this.#head + index]
  }

  push(entry: Entry): void {
    this.#entries.push(entry)
  }

  /** Removes the oldest entry. */
  shift(): Entry | undefined {
    if (this.length === 0) return undefined
    const oldest = this.#entries[this.#head]
    this.#entries[this.#head] = undefined
    this.#head += 1
    if (this.#head >= leftPlacesMin && 2 * this.#head >= this.#entries.length) {
      this.#entries = this.#entries.slice(this.#head)
      this.#head = 0
    }
    return oldest
  }

  clear(): void {
    this.#entries = []
    this.#head = 0
  }
}
