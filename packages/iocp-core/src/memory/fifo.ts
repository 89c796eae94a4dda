/**
 * A first-in, first-out queue with operations in constant time on average. `shift` of an array moves every later element,
 * and so takes quadratic time to empty a long one.
 */
export class Fifo<Item> {
  /** In order of arrival. */
  #arrived: Item[] = []
  /** Older than all of `#arrived`, the oldest last. */
  #leaving: Item[] = []

  get length(): number {
    return this.#arrived.length + this.#leaving.length
  }

  push(item: Item): void {
    this.#arrived.push(item)
  }

  shift(): Item | undefined {
    if (this.#leaving.length === 0) {
      // The hot path, for one item at a time: no array needs to be reversed.
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
