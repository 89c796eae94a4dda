/**
 * A first-in, first-out queue with operations in constant time on average. `shift` of an array moves every later element,
 * and so takes quadratic time to empty a long one.
 */
export class Fifo<Item> {
  /** In order of arrival. */
  #arrived: Item[] = []
  /** Older items than those of `#arrived`, the oldest last. */
  #leaving: Item[] = []

  get length(): number {
    return this.#arrived.length + this.#leaving.length
  }

  /** Adds an item at the end. */
  push(item: Item): void {
    this.#arrived.push(item)
  }

  /** Removes the oldest item and returns it; undefined if the queue is empty. */
  shift(): Item | undefined {
    if (this.#leaving.length === 0) {
      // The hot path, one item at a time, needs no reversed array.
      if (this.#arrived.length <= 1) return this.#arrived.pop()
      this.#leaving = this.#arrived.reverse()
      this.#arrived = []
    }
    return this.#leaving.pop()
  }

  /** Removes all items. */
  clear(): void {
    this.#arrived = []
    this.#leaving = []
  }
}
