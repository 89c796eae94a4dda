import { describeValue } from '../checks/check-value.ts'
import { checking, reading } from '../checks/unreadable.ts'
import type { Credit } from '../envelope/session-envelopes.ts'
import { notMade } from './check-call.ts'
import type { InterceptedCall } from './interceptor.ts'

/** Where a window of items begins that may grow: a producer that nobody reads makes no more than these. */
const itemsAtFirst = 16

/** How far ahead a producer may be at first, and how many items at most. */
export interface WindowSize {
  readonly first: Credit
  readonly itemsMax: number
}

/**
 * The window of one stream: what its call says stands from the first item on. For what it does not say, the limits of its client
 * are what the window may grow to.
 *
 * @throws RpcError INVALID_ARGUMENT
 */
export function windowOf(call: InterceptedCall, limits: Credit): WindowSize {
  return checking(() => {
    const { windowItems, windowBytes } = reading('what an interceptor passed on', () => ({ ...call }))
    const items = checkedWindow('windowItems', windowItems)
    const bytes = checkedWindow('windowBytes', windowBytes) ?? limits.bytes
    if (items !== undefined) return { first: { items, bytes }, itemsMax: items }
    return { first: { items: Math.min(itemsAtFirst, limits.items), bytes }, itemsMax: limits.items }
  }, notMade)
}

function checkedWindow(name: string, given: number | undefined): number | undefined {
  if (given === undefined || (Number.isSafeInteger(given) && given > 0)) return given
  throw notMade(`${name} is ${describeValue(given)}, not a whole number from 1 to 2^53 - 1`)
}

/**
 * How far the server may be ahead of the reader of a stream, in items and in bytes. What was read is granted again when
 * it makes up half of either. A reader that had to wait since the last grant is given twice the items, up to the most: one that
 * keeps up pays for fewer grants and waits for fewer ways there and back, and one that does not holds few items.
 *
 * Bytes are read when an item is taken: they are free then. The item itself is done with when the next one is asked for, so
 * that with a window of one item the server makes each only when the reader has nothing to do.
 */
export class StreamWindow {
  readonly #itemsMax: number
  readonly #windowBytes: number
  #windowItems: number
  #items = 0
  #bytes = 0
  #isTaken = false
  /** The reader had to wait since the last grant. */
  #hasStarved = false
  /** What has arrived and was not taken. */
  #itemsUnread = 0
  #bytesUnread = 0

  constructor({ first, itemsMax }: WindowSize) {
    this.#windowItems = first.items
    this.#windowBytes = first.bytes
    this.#itemsMax = itemsMax
  }

  get size(): Credit {
    return { items: this.#windowItems, bytes: this.#windowBytes }
  }

  /** The reader asks for an item. @returns what is to be granted now, if anything is */
  asked(): Credit | undefined {
    if (!this.#isTaken) return undefined
    this.#isTaken = false
    this.#items += 1
    return this.#items * 2 < this.#windowItems ? undefined : this.#grant()
  }

  /** Nothing is there for the reader that asks. */
  starved(): void {
    this.#hasStarved = true
  }

  /** One has come, and is not read yet. */
  arrived(bytes: number): void {
    this.#itemsUnread += 1
    this.#bytesUnread += bytes
  }

  /** It gets one. @returns what is to be granted now, if anything is */
  taken(bytes: number): Credit | undefined {
    this.#isTaken = true
    this.#itemsUnread -= 1
    this.#bytesUnread -= bytes
    this.#bytes += bytes
    return this.#bytes * 2 < this.#windowBytes ? undefined : this.#grant()
  }

  /**
   * The call is made again, and knows nothing of what was granted.
   *
   * @returns what it may begin with: all but what is still unread, or being worked on
   */
  again(): Credit {
    const items = this.#windowItems - this.#itemsUnread - (this.#isTaken ? 1 : 0)
    const bytes = this.#windowBytes - this.#bytesUnread
    this.#items = 0
    // The last item that came may have been longer than the rest of the window.
    this.#bytes = Math.min(bytes, 0)
    return { items, bytes: Math.max(bytes, 0) }
  }

  #grant(): Credit {
    const more = this.#hasStarved ? Math.min(this.#windowItems, this.#itemsMax - this.#windowItems) : 0
    const credit = { items: this.#items + more, bytes: this.#bytes }
    this.#windowItems += more
    this.#hasStarved = false
    this.#items = 0
    this.#bytes = 0
    return credit
  }
}
