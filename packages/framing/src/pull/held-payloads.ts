import { framingLimits } from '../limits.ts'
import { Fifo } from '../support/fifo.ts'

const { ownPayloadBytesMax, sharedPayloadBytesMax, sharedBufferBytesMax, heldBlockBytes, freeHeldBlocksMax } =
  framingLimits
const nothing: Uint8Array = new Uint8Array(0)

/** Free blocks for all readers. Readers never get a view on a block. */
const freeBlocks: Uint8Array[] = []

/**
 * Copies of payloads, in order, for a busy reader. An allocation for a payload of a few hundred bytes costs several times as much as the copy, so
 * such payloads lie one after the other in a private block, and the reader gets views on a copy of a part of the block. The reader may
 * transfer that copy or write into it: the payloads that it has not taken yet do not change.
 */
export class HeldPayloads {
  /** A payload of its own, or the length of the next one in `#block`. */
  readonly #order = new Fifo<Uint8Array | number>()
  #block = nothing
  #filled = 0
  /** The offset of the next payload in the block. */
  #at = 0
  /** A copy of the block from `#sharedFrom` on. */
  #shared = nothing
  #sharedFrom = 0

  /** Copies a payload. */
  append(lent: Uint8Array): void {
    const { length } = lent
    if (length <= ownPayloadBytesMax || length > sharedPayloadBytesMax) {
      this.#order.push(lent.slice())
      return
    }
    if (this.#filled + length > this.#block.length) this.#makeRoom(length)
    this.#block.set(lent, this.#filled)
    this.#filled += length
    this.#order.push(length)
  }

  /** Returns the oldest payload, or undefined if there is none. */
  take(): Uint8Array | undefined {
    const first = this.#order.shift()
    return typeof first === 'number' ? this.#takeFromBlock(first) : first
  }

  clear(): void {
    this.#order.clear()
    this.#releaseBlock()
  }

  #takeFromBlock(length: number): Uint8Array {
    const end = this.#at + length
    // A buffer that the reader has transferred has length 0.
    if (end > this.#sharedFrom + this.#shared.length) {
      this.#sharedFrom = this.#at
      this.#shared = this.#block.slice(this.#at, Math.min(this.#filled, this.#at + sharedBufferBytesMax))
    }
    const payload = new Uint8Array(this.#shared.buffer, this.#at - this.#sharedFrom, length)
    this.#at = end
    if (end === this.#filled) this.#releaseBlock()
    return payload
  }

  /** A reader that has taken everything holds no memory. */
  #releaseBlock(): void {
    giveBack(this.#block)
    this.#block = nothing
    this.#filled = 0
    this.#at = 0
    this.#shared = nothing
    this.#sharedFrom = 0
  }

  /** Memory doubles with the bytes held. Bytes that were taken are dropped. */
  #makeRoom(more: number): void {
    if (this.#block.length === 0) {
      this.#block = freeBlocks.pop() ?? new Uint8Array(heldBlockBytes)
      return
    }
    const held = this.#block.subarray(this.#at, this.#filled)
    const grown = new Uint8Array(2 * (held.length + more))
    grown.set(held)
    giveBack(this.#block)
    this.#block = grown
    this.#filled = held.length
    this.#sharedFrom -= this.#at
    this.#at = 0
  }
}

/** A block that has grown is left to the garbage collector. */
function giveBack(block: Uint8Array): void {
  if (block.length === heldBlockBytes && freeBlocks.length < freeHeldBlocksMax) freeBlocks.push(block)
}
