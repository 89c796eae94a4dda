import type { Credit } from './envelope/session-envelopes.ts'
import { guessedItemSize } from './session/flow/decoded-size.ts'

/** How far ahead a producer may be at first, and how many items at most. */
export interface WindowSize {
  readonly first: Credit
  readonly itemsMax: number
}

/** The memory in which windows grow. */
export interface WindowRoom {
  /** Whether a window may grow by what may hold so many bytes. */
  mayGrow(bytes: number): boolean
  /** It has grown by so much. Counted until no more items come through it. */
  grow(bytes: number): void
}

/**
 * How far the producer of items may be ahead of their reader, in items and in bytes. What was read is granted again when it makes
 * up half of either. A reader that had to wait since the last grant is given twice the items, up to the most: one that keeps up pays for
 * fewer grants and waits for fewer ways there and back, and one that does not holds few items. It grows where there is memory for what it may hold then,
 * and else stays as it is: who keeps to it waits, and loses nothing.
 */
export class GrowingWindow {
  readonly #itemsMax: number
  readonly #windowBytes: number
  #windowItems: number
  /** To be granted. Below 0 where the producer had more than the window: as much is read before anything is granted. */
  #items: number
  #bytes: number
  /** The reader had to wait since the last grant. */
  #hasStarved = false
  #room: WindowRoom | undefined
  /** What it has grown by, as memory. */
  #grownBytes = 0

  /** @param granted what the producer has begun with */
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

  /** Where it grows from here on. What it has grown by counts there, whether there is room or not. */
  growsIn(room: WindowRoom): void {
    this.#room = room
    if (this.#grownBytes > 0) room.grow(this.#grownBytes)
  }

  /** Nothing is there for the reader that asks. */
  starved(): void {
    this.#hasStarved = true
  }

  /** The reader is done with so much. @returns what is to be granted now, if anything is */
  read(items: number, bytes: number): Credit | undefined {
    this.#items += items
    this.#bytes += bytes
    const isHalf = this.#items * 2 >= this.#windowItems || this.#bytes * 2 >= this.#windowBytes
    return isHalf ? this.grant() : undefined
  }

  /** @returns all that is to be granted, whether it makes up half of the window or not */
  grant(): Credit {
    if (this.#hasStarved) this.#grow()
    const items = Math.max(this.#items, 0)
    const bytes = Math.max(this.#bytes, 0)
    this.#items -= items
    this.#bytes -= bytes
    return { items, bytes }
  }

  /**
   * Another producer begins, which knows nothing of what was granted.
   *
   * @param unread what the reader has of the one before, and is not done with
   * @returns what it may begin with
   */
  beginAgain(unread: Credit): Credit {
    this.#items = 0
    // The last item that came may have been longer than the rest of the window.
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
    // As long as those that were read since the last grant.
    const bytes = more * guessedItemSize(Math.ceil(Math.max(this.#bytes, 0) / Math.max(this.#items, 1)))
    if (this.#room?.mayGrow(bytes) === false) return
    this.#room?.grow(bytes)
    this.#grownBytes += bytes
    this.#windowItems += more
    this.#items += more
  }
}
