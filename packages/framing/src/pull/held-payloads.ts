import { framingLimits } from '../limits.ts'
import { Fifo } from '../support/fifo.ts'

const { ownPayloadBytesMax, sharedPayloadBytesMax, sharedBufferBytesMax, heldBlockBytes, freeHeldBlocksMax } =
  framingLimits
const nothing: Uint8Array = new Uint8Array(0)

/** Blocks that nobody uses, for all readers: no byte of them is ever handed out. */
const freeBlocks: Uint8Array[] = []

/**
 * Copies of payloads, in order, for a reader that is busy. To allocate memory for each of a few hundred bytes costs several
 * times what the copy costs, so those lie one behind the other in memory that nobody else sees, and the reader gets
 * views on a copy of a piece of it. Whatever the reader does with that copy (transfers it, writes into it), the payloads
 * that it has not taken yet are as they came.
 */
export class HeldPayloads {
  /** A payload of its own, or the length of the next one in `#block`. */
  readonly #order = new Fifo<Uint8Array | number>()
  #block = nothing
  #filled = 0
  /** Where in the block the next payload begins. */
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

  /** The oldest, undefined when there is none. */
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
    // A buffer that its receiver has transferred has no bytes any more.
    if (end > this.#sharedFrom + this.#shared.length) {
      this.#sharedFrom = this.#at
      this.#shared = this.#block.slice(this.#at, Math.min(this.#filled, this.#at + sharedBufferBytesMax))
    }
    const payload = new Uint8Array(this.#shared.buffer, this.#at - this.#sharedFrom, length)
    this.#at = end
    if (end === this.#filled) this.#releaseBlock()
    return payload
  }

  /** A reader that has everything holds nothing. */
  #releaseBlock(): void {
    giveBack(this.#block)
    this.#block = nothing
    this.#filled = 0
    this.#at = 0
    this.#shared = nothing
    this.#sharedFrom = 0
  }

  /** Memory doubles with what is held; bytes that were taken are left behind. */
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

/** One that has grown goes back to the garbage collector. */
function giveBack(block: Uint8Array): void {
  if (block.length === heldBlockBytes && freeBlocks.length < freeHeldBlocksMax) freeBlocks.push(block)
}
