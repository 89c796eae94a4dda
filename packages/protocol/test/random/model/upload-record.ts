import type { Amount } from './trace.ts'

/** An item as it was given to be sent. */
export interface GivenItem {
  readonly body: string
  readonly bytes: number
}

/** Everything that is known of the items that a caller sends with one call, at both of its ends. */
export class UploadRecord {
  // At the caller.
  /** In the order in which they were given to be sent. */
  readonly items: GivenItem[] = []
  /** What the callee announced and granted, as far as the caller has heard of it. */
  creditItems: number
  creditBytes: number
  itemsBegun = 0
  endAsked = false
  endSent = false
  stopReceived = false
  stopTold = false

  // At the callee.
  /** Its handler has asked for the items. */
  isReceived = false
  grantedItems: number
  grantedBytes: number
  /** What of the grants the caller was told of. */
  announced: Amount
  stopAsked = false
  stopSent = false
  itemsTold = 0
  itemBytesTold = 0
  endTold = false
  /** The items that were told and read. */
  itemsTaken = 0

  /** @param first what the callee lets an upload begin with */
  constructor(first: Amount) {
    this.creditItems = first.items
    this.creditBytes = first.bytes
    this.grantedItems = first.items
    this.grantedBytes = first.bytes
    this.announced = first
  }

  /** The bytes of those that were told and not read. */
  get untakenBytes(): number {
    return bytesOf(this.items.slice(this.itemsTaken, this.itemsTold))
  }

  /** The bytes of those that had begun before the next one begins. */
  get bytesBegun(): number {
    return bytesOf(this.items.slice(0, this.itemsBegun))
  }
}

function bytesOf(items: readonly GivenItem[]): number {
  return items.reduce((sum, { bytes }) => sum + bytes, 0)
}
