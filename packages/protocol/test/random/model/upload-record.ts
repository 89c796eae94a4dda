import type { Amount } from './trace.ts'

/** An item that a source gave to send. */
export interface GivenItem {
  readonly body: string
  readonly bytes: number
}

/** Everything known about the upload of one call, at its caller and at its callee. */
export class UploadRecord {
  // At the caller.
  /** The items in the order in which the source gave them. */
  readonly items: GivenItem[] = []
  /** What the callee announced and granted, as far as the caller has received it. */
  creditItems: number
  creditBytes: number
  itemsBegun = 0
  endAsked = false
  endSent = false
  stopReceived = false
  stopTold = false

  // At the callee.
  /** Whether the handler has asked for the items. */
  isReceived = false
  grantedItems: number
  grantedBytes: number
  /** The part of the grants that was announced to the caller. */
  announced: Amount
  stopAsked = false
  stopSent = false
  itemsTold = 0
  itemBytesTold = 0
  endTold = false
  /** How many items were delivered and then read. */
  itemsTaken = 0

  /** @param first the initial window of an upload, which the callee announces */
  constructor(first: Amount) {
    this.creditItems = first.items
    this.creditBytes = first.bytes
    this.grantedItems = first.items
    this.grantedBytes = first.bytes
    this.announced = first
  }

  /** The bytes of items that were delivered and not read. */
  get untakenBytes(): number {
    return bytesOf(this.items.slice(this.itemsTaken, this.itemsTold))
  }

  /** The bytes of all items that have begun. */
  get bytesBegun(): number {
    return bytesOf(this.items.slice(0, this.itemsBegun))
  }
}

function bytesOf(items: readonly GivenItem[]): number {
  return items.reduce((sum, { bytes }) => sum + bytes, 0)
}
