import { Fifo } from '@frameport/framing/checks'
import type { Credit } from '../envelope/session-envelopes.ts'
import type { CountedItem } from '../session/common/arrived-item.ts'
import type { OutgoingCall } from '../session/common/call-types.ts'

type Keeper = Pick<OutgoingCall, 'keep'>

/**
 * The items of an ended stream do not count if they hold less than this. Short streams are often dropped unread, and a
 * session reports its memory in steps of this size.
 */
const littleBytes = 16 * 1024

/** The count of unread items, separate from the items so that it does not keep them in memory. */
interface Counted {
  /** Undefined while they do not count: the stream has no call yet, or has ended with few items. */
  keeper: Keeper | undefined
  heldBytes: number
}

/** A program may drop an ended stream without reading or closing it. Its items are freed when it is collected. */
const dropped = new FinalizationRegistry<Counted>(stopCounting)

function stopCounting(counted: Counted): void {
  counted.keeper?.keep(-counted.heldBytes)
  counted.keeper = undefined
}

/** The unread items of one stream. They count as memory of the session on which the stream is. */
export class UnreadItems {
  readonly #line = new Fifo<CountedItem>()
  readonly #counted: Counted = { keeper: undefined, heldBytes: 0 }
  #items = 0
  #bytes = 0

  /** The number of items, and their bytes as credit counts them. */
  get size(): Credit {
    return { items: this.#items, bytes: this.#bytes }
  }

  push(item: CountedItem): void {
    this.#line.push(item)
    this.#add(1, item.bytes, item.heldBytes)
  }

  shift(): CountedItem | undefined {
    const item = this.#line.shift()
    if (item !== undefined) this.#add(-1, -item.bytes, -item.heldBytes)
    return item
  }

  /** Drops all items. */
  clear(): void {
    this.#line.clear()
    this.#add(-this.#items, -this.#bytes, -this.#counted.heldBytes)
  }

  /** Counts the items for this call from now on. */
  countAt(call: Keeper): void {
    stopCounting(this.#counted)
    this.#counted.keeper = call
    if (this.#counted.heldBytes > 0) call.keep(this.#counted.heldBytes)
  }

  /** No more items arrive. */
  end(): void {
    const { heldBytes } = this.#counted
    if (heldBytes >= littleBytes) dropped.register(this, this.#counted)
    else stopCounting(this.#counted)
  }

  #add(items: number, bytes: number, heldBytes: number): void {
    this.#items += items
    this.#bytes += bytes
    this.#counted.heldBytes += heldBytes
    this.#counted.keeper?.keep(heldBytes)
  }
}
