import { describeValue } from '../checks/check-value.ts'
import { checking, reading } from '../checks/unreadable.ts'
import type { Credit } from '../envelope/session-envelopes.ts'
import { GrowingWindow, type WindowSize } from '../growing-window.ts'
import { notMade } from './check-call.ts'
import type { InterceptedCall } from './interceptor.ts'

/** The first size of a window that may grow: without a reader, a producer makes at most this many items. */
const itemsAtFirst = 16

/**
 * Returns the window of one stream. Options of the call fix its size; otherwise it may grow to the limits of the
 * client.
 *
 * @param isMemoryScarce whether it starts with one item, and grows when memory is available
 * @throws RpcError INVALID_ARGUMENT
 */
export function windowOf(call: InterceptedCall, limits: Credit, isMemoryScarce: boolean): WindowSize {
  return checking(() => {
    const { windowItems, windowBytes } = reading('the argument of next()', () => ({ ...call }))
    const items = checkedWindow('windowItems', windowItems)
    const bytes = checkedWindow('windowBytes', windowBytes) ?? limits.bytes
    if (items !== undefined) return { first: { items, bytes }, itemsMax: items }
    return {
      first: { items: isMemoryScarce ? 1 : Math.min(itemsAtFirst, limits.items), bytes },
      itemsMax: limits.items,
    }
  }, notMade)
}

function checkedWindow(name: string, given: number | undefined): number | undefined {
  if (given === undefined || (Number.isSafeInteger(given) && given > 0)) return given
  throw notMade(`${name} is ${describeValue(given)}, not an integer from 1 to 2^53 - 1`)
}

/**
 * The window of a stream: the number of items and bytes by which the server may be ahead of its reader. Bytes count as
 * read when an item is taken. The item itself counts as read when the next one is requested, so that with a window of
 * one item the server produces each item only when the reader is idle.
 */
export class StreamWindow extends GrowingWindow {
  #isTaken = false

  constructor(size: WindowSize) {
    super(size, size.first)
  }

  /** The reader requests an item. @returns the credit to grant now, if any */
  asked(): Credit | undefined {
    if (!this.#isTaken) return undefined
    this.#isTaken = false
    return this.read(1, 0)
  }

  /** The reader gets an item. @returns the credit to grant now, if any */
  taken(bytes: number): Credit | undefined {
    this.#isTaken = true
    return this.read(0, bytes)
  }

  /**
   * The call is repeated, and nothing has been granted to it yet.
   *
   * @param unread items that have arrived and were not taken
   * @returns its initial credit: all but what is unread or being processed
   */
  again({ items, bytes }: Credit): Credit {
    return this.beginAgain({ items: items + (this.#isTaken ? 1 : 0), bytes })
  }
}
