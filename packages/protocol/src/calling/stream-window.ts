import { describeValue } from '../checks/check-value.ts'
import { checking, reading } from '../checks/unreadable.ts'
import type { Credit } from '../envelope/session-envelopes.ts'
import { notMade } from './check-call.ts'
import type { InterceptedCall } from './interceptor.ts'

/**
 * The window of one stream: what its call says, and for what it does not say the limits of its client.
 *
 * @throws RpcError INVALID_ARGUMENT
 */
export function windowOf(call: InterceptedCall, limits: Credit): Credit {
  return checking(() => {
    const { windowItems, windowBytes } = reading('what an interceptor passed on', () => ({ ...call }))
    return {
      items: checkedWindow('windowItems', windowItems) ?? limits.items,
      bytes: checkedWindow('windowBytes', windowBytes) ?? limits.bytes,
    }
  }, notMade)
}

function checkedWindow(name: string, given: number | undefined): number | undefined {
  if (given === undefined || (Number.isSafeInteger(given) && given > 0)) return given
  throw notMade(`${name} is ${describeValue(given)}, not a whole number from 1 to 2^53 - 1`)
}

/**
 * How far the server may be ahead of the reader of a stream, in items and in bytes. What was read is granted again when
 * it makes up half of either.
 *
 * Bytes are read when an item is taken: they are free then. The item itself is done with when the next one is asked for, so
 * that with a window of one item the server makes each only when the reader has nothing to do.
 */
export class StreamWindow {
  readonly size: Credit
  #items = 0
  #bytes = 0
  #isTaken = false
  /** What has arrived and was not taken. */
  #itemsUnread = 0
  #bytesUnread = 0

  constructor(size: Credit) {
    this.size = size
  }

  /** The reader asks for an item. @returns what is to be granted now, if anything is */
  asked(): Credit | undefined {
    if (!this.#isTaken) return undefined
    this.#isTaken = false
    this.#items += 1
    return this.#items * 2 < this.size.items ? undefined : this.#grant()
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
    return this.#bytes * 2 < this.size.bytes ? undefined : this.#grant()
  }

  /**
   * The call is made again, and knows nothing of what was granted.
   *
   * @returns what it may begin with: all but what is still unread, or being worked on
   */
  again(): Credit {
    const items = this.size.items - this.#itemsUnread - (this.#isTaken ? 1 : 0)
    const bytes = this.size.bytes - this.#bytesUnread
    this.#items = 0
    // The last item that came may have been longer than the rest of the window.
    this.#bytes = Math.min(bytes, 0)
    return { items, bytes: Math.max(bytes, 0) }
  }

  #grant(): Credit {
    const credit = { items: this.#items, bytes: this.#bytes }
    this.#items = 0
    this.#bytes = 0
    return credit
  }
}
