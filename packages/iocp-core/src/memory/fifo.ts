/**
 * First in, first out, each in constant time on average. `shift` of an array moves every element behind the first,
 * and so takes quadratic time to empty a long one.
 */
export class Fifo<Item> {
  /** In order of arrival. */
  #arrived: Item[] = []
  /** All older than those of `#arrived`, the oldest last. */
  #leaving: Item[] = []

  get length(): number {
    return this.#arrived.length + this.#leaving.length
  }

  push(item: Item): void {
    this.#arrived.push(item)
  }

  shift(): Item | undefined {
    if (this.#leaving.length === 0) {
      // What one item at a time is, and the hot path: it needs no array to turn round.
      if (this.#arrived.length <= 1) return this.#arrived.pop()
      this.#leaving = this.#arrived.reverse()
      this.#arrived = []
    }
    return this.#leaving.pop()
  }

  clear(): void {
    this.#arrived = []
    this.#leaving = []
  }
}
