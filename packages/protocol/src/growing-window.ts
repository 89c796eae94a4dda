import type { Credit } from './envelope/session-envelopes.ts'
import { guessedItemSize } from './session/flow/decoded-size.ts'

/** The initial size of a window, and the maximum number of items. */
export interface WindowSize {
  readonly first: Credit
  readonly itemsMax: number
}

/** The memory in which windows grow. */
export interface WindowRoom {
  /** Whether a window may grow by this many bytes of memory. */
  mayGrow(bytes: number): boolean
  /** The window has grown by this much, which counts until no more items arrive through it. */
  grow(bytes: number): void
}

/**
 * A window limits, in items and in bytes, how far the producer may be ahead of its reader. Read items are granted again
 * once they make up half of either. For a reader that had to wait since the last grant, the items double, up to the
 * maximum: a fast reader needs fewer grants and fewer round trips, and a slow one holds few items. The window grows
 * only if there is memory for its contents, and otherwise keeps its size: its producer waits, and loses nothing.
 */
export class GrowingWindow {
  readonly #itemsMax: number
  readonly #windowBytes: number
  #windowItems: number
  /**
   * The items to grant. Negative if the producer had more than the window: that many are read before anything is
   * granted.
   */
  #items: number
  #bytes: number
  /** The reader had to wait since the last grant. */
  #hasStarved = false
  #room: WindowRoom | undefined
  /** The memory by which it has grown. */
  #grownBytes = 0

  /** @param granted the initial credit of the producer */
  constructor({ first, itemsMax }: WindowSize, granted: Credit) {
    this.#itemsMax = itemsMax
    this.#windowItems = first.items
    this.#windowBytes = first.bytes
    this.#items = first.items - granted.items
    this.#bytes = first.bytes - granted.bytes
  }

  get size(): Credit {
    return { items: this.#windowItems, bytes: this.#windowBytes }
  }

  /** Grows in `room` from now on. Its growth so far counts there, whether there is room or not. */
  growsIn(room: WindowRoom): void {
    this.#room = room
    if (this.#grownBytes > 0) room.grow(this.#grownBytes)
  }

  /** A reader waits for an item. */
  starved(): void {
    this.#hasStarved = true
  }

  /** The reader has processed this much. @returns the credit to grant now, if any */
  read(items: number, bytes: number): Credit | undefined {
    this.#items += items
    this.#bytes += bytes
    const isHalf = this.#items * 2 >= this.#windowItems || this.#bytes * 2 >= this.#windowBytes
    return isHalf ? this.grant() : undefined
  }

  /** @returns all credit to grant, whether it makes up half of the window or not */
  grant(): Credit {
    if (this.#hasStarved) this.#grow()
    const items = Math.max(this.#items, 0)
    const bytes = Math.max(this.#bytes, 0)
    this.#items -= items
    this.#bytes -= bytes
    return { items, bytes }
  }

  /**
   * A new producer starts, to which nothing has been granted.
   *
   * @param unread items of the former one that the reader has not processed
   * @returns its initial credit
   */
  beginAgain(unread: Credit): Credit {
    this.#items = 0
    // The last item that arrived may have been longer than the rest of the window.
    this.#bytes = Math.min(this.#windowBytes - unread.bytes, 0)
    return {
      items: this.#windowItems - unread.items,
      bytes: Math.max(this.#windowBytes - unread.bytes, 0),
    }
  }

  #grow(): void {
    this.#hasStarved = false
    const more = Math.min(this.#windowItems, this.#itemsMax - this.#windowItems)
    if (more === 0) return
    // Estimated by the length of the items read since the last grant.
    const bytes = more * guessedItemSize(Math.ceil(Math.max(this.#bytes, 0) / Math.max(this.#items, 1)))
    if (this.#room?.mayGrow(bytes) === false) return
    this.#room?.grow(bytes)
    this.#grownBytes += bytes
    this.#windowItems += more
    this.#items += more
  }
}
