import type { Credit } from '@frameport/protocol/envelope'

/**
 * How far the server may be ahead of the reader of a stream, in items and in bytes. What was read is granted again when
 * it makes up half of either.
 */
export class StreamWindow {
  readonly size: Credit
  #items = 0
  #bytes = 0

  constructor(size: Credit) {
    this.size = size
  }

  /** An item was read. @returns what is to be granted now, if anything is */
  read(bytes: number): Credit | undefined {
    this.#items += 1
    this.#bytes += bytes
    if (this.#items * 2 < this.size.items && this.#bytes * 2 < this.size.bytes) return undefined
    const credit = { items: this.#items, bytes: this.#bytes }
    this.#items = 0
    this.#bytes = 0
    return credit
  }
}
