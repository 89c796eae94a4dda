import { describeValue } from '../checks/check-value.ts'
import { checking, reading } from '../checks/unreadable.ts'
import type { Credit } from '../envelope/session-envelopes.ts'
import { GrowingWindow, type WindowSize } from '../growing-window.ts'
import { notMade } from './check-call.ts'
import type { InterceptedCall } from './interceptor.ts'

/** Where a window of items begins that may grow: a producer that nobody reads makes no more than these. */
const itemsAtFirst = 16

/**
 * The window of one stream: what its call says stands from the first item on. For what it does not say, the limits of its client
 * are what the window may grow to.
 *
 * @param isMemoryScarce then it begins with one item, and grows when there is memory again
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
 * How far the server may be ahead of the reader of a stream. Bytes are read when an item is taken: they are free then. The item itself
 * is done with when the next one is asked for, so that with a window of one item the server makes each only when the reader has
 * nothing to do.
 */
export class StreamWindow extends GrowingWindow {
  #isTaken = false

  constructor(size: WindowSize) {
    super(size, size.first)
  }

  /** The reader asks for an item. @returns what is to be granted now, if anything is */
  asked(): Credit | undefined {
    if (!this.#isTaken) return undefined
    this.#isTaken = false
    return this.read(1, 0)
  }

  /** It gets one. @returns what is to be granted now, if anything is */
  taken(bytes: number): Credit | undefined {
    this.#isTaken = true
    return this.read(0, bytes)
  }

  /**
   * The call is made again, and knows nothing of what was granted.
   *
   * @param unread what has arrived and was not taken
   * @returns what it may begin with: all but what is still unread, or being worked on
   */
  again({ items, bytes }: Credit): Credit {
    return this.beginAgain({ items: items + (this.#isTaken ? 1 : 0), bytes })
  }
}
