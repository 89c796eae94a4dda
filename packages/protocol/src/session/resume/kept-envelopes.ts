import type { Payload } from '@frameport/framing'
import { blockBytes, giveBlock, type KeptBlock, takeBlock } from './kept-blocks.ts'
import { NumberedLine } from './numbered-line.ts'

/** The length in front of each envelope. */
const lengthBytes = 4

/** Replaces a length: the next envelope is kept by reference. */
const byReference = 0xffff_ffff

/**
 * Envelopes that were sent and that the peer has not acknowledged, in the order of sending. They are copied into
 * blocks: one object for each would cost a call more than the copy, and most of them lie in memory that is about to be
 * used again. Those that many sessions share are kept by reference.
 *
 * The blocks belong to this from the moment they are taken until all that begins in them is forgotten. Then they go
 * back to those that all sessions share, so that a session whose peer has acknowledged everything has none.
 */
export class KeptEnvelopes {
  readonly #blocks: KeptBlock[] = []
  /** The block that is written to. */
  #last: KeptBlock | undefined
  readonly #shared = new NumberedLine<Uint8Array>()
  #bytes = 0
  /** The position of {@link next}: a block, an offset in it, and the index of the next envelope kept by reference. */
  #nextBlock = 0
  #nextAt = 0
  #nextShared = 0

  /** The bytes of all payloads. */
  get bytes(): number {
    return this.#bytes
  }

  /** The memory of the blocks, without payloads kept by reference. */
  get blockBytes(): number {
    return this.#blocks.length * blockBytes
  }

  /** @param isShared it is never written to, and others keep it, too */
  keep(payload: Payload, payloadBytes: number, isShared: boolean): void {
    const last = this.#last
    const block = last !== undefined && last.end <= blockBytes - lengthBytes ? last : this.#append()
    this.#bytes += payloadBytes
    block.envelopes += 1
    block.payloadBytes += payloadBytes
    const isReference = isShared && payload instanceof Uint8Array
    block.view.setUint32(block.end, isReference ? byReference : payloadBytes, true)
    block.end += lengthBytes
    if (isReference) {
      block.references += 1
      this.#shared.push(payload)
    } else if (payload instanceof Uint8Array) this.#copy(payload, block)
    else for (const part of payload) this.#copy(part, this.#last as KeptBlock)
  }

  /**
   * Forgets the oldest.
   *
   * @param count at most as many as there are, and while {@link next} is used, as it has returned
   */
  forget(count: number): void {
    let left = count
    while (left > 0) {
      const block = this.#blocks[0] as KeptBlock
      if (left < block.envelopes) {
        this.#forgetOf(block, left)
        return
      }
      left -= block.envelopes
      this.#forgetAll(block)
    }
    // The rest of the last forgotten envelope, with nothing after it yet.
    for (let first = this.#blocks[0]; first?.envelopes === 0; first = this.#blocks[0]) this.#forgetAll(first)
  }

  /** {@link next} starts with the oldest again. */
  rewind(): void {
    this.#nextBlock = 0
    this.#nextAt = this.#blocks[0]?.begin ?? 0
    this.#nextShared = 0
  }

  /**
   * Returns the next one since {@link rewind}, also if more are kept, or the oldest are forgotten, in between. The
   * parts are views, which must be neither written to nor kept.
   */
  next(): Payload | undefined {
    const block = this.#blockOfNext()
    if (block === undefined) return undefined
    const length = block.view.getUint32(this.#nextAt, true)
    this.#nextAt += lengthBytes
    if (length === byReference) return this.#shared.at(this.#nextShared++)
    if (length > block.end - this.#nextAt) return this.#nextParts(length)
    return this.#nextPart(block, length)
  }

  clear(): void {
    for (const block of this.#blocks) giveBlock(block)
    this.#blocks.length = 0
    this.#last = undefined
    this.#shared.clear()
    this.#bytes = 0
    this.rewind()
  }

  #append(): KeptBlock {
    const block = takeBlock()
    this.#blocks.push(block)
    this.#last = block
    return block
  }

  #copy(part: Uint8Array, block: KeptBlock): void {
    if (part.length > blockBytes - block.end) {
      this.#copyOver(part)
      return
    }
    block.bytes.set(part, block.end)
    block.end += part.length
    if (block.envelopes === 0) block.begin = block.end
  }

  #copyOver(part: Uint8Array): void {
    for (let from = 0; from < part.length; ) {
      const last = this.#last as KeptBlock
      const block = last.end < blockBytes ? last : this.#append()
      const piece = part.subarray(from, from + blockBytes - block.end)
      block.bytes.set(piece, block.end)
      block.end += piece.length
      // Later envelopes of this block begin after it.
      if (block.envelopes === 0) block.begin = block.end
      from += piece.length
    }
  }

  /** Forgets some of the envelopes that begin in the first block, and also end in it. */
  #forgetOf(block: KeptBlock, count: number): void {
    let bytes = 0
    let at = block.begin
    for (let left = count; left > 0; left -= 1) {
      const length = block.view.getUint32(at, true)
      at += lengthBytes
      if (length === byReference) {
        block.references -= 1
        bytes += this.#forgetShared()
      } else {
        bytes += length
        at += length
      }
    }
    block.begin = at
    block.envelopes -= count
    block.payloadBytes -= bytes
    this.#bytes -= bytes
  }

  /** Forgets all that begin in the first block, and gives the block back. */
  #forgetAll(block: KeptBlock): void {
    this.#bytes -= block.payloadBytes
    for (let left = block.references; left > 0; left -= 1) this.#forgetShared()
    this.#blocks.shift()
    if (this.#blocks.length === 0) this.#last = undefined
    // The reading position is after all forgotten envelopes: the end of this block is the beginning of the next.
    if (this.#nextBlock > 0) this.#nextBlock -= 1
    else this.#nextAt = 0
    giveBlock(block)
  }

  #forgetShared(): number {
    this.#nextShared -= 1
    return (this.#shared.shift() as Uint8Array).length
  }

  #blockOfNext(): KeptBlock | undefined {
    const block = this.#blocks[this.#nextBlock]
    if (block === undefined || this.#nextAt < block.end) return block
    const isLast = this.#nextBlock === this.#blocks.length - 1
    return isLast ? undefined : this.#nextBlockBegins()
  }

  #nextBlockBegins(): KeptBlock {
    this.#nextBlock += 1
    this.#nextAt = 0
    return this.#blocks[this.#nextBlock] as KeptBlock
  }

  #nextPart(block: KeptBlock, length: number): Uint8Array {
    const begin = this.#nextAt
    this.#nextAt = begin + length
    return block.bytes.subarray(begin, this.#nextAt)
  }

  #nextParts(length: number): Uint8Array[] {
    const parts: Uint8Array[] = []
    let block = this.#blocks[this.#nextBlock] as KeptBlock
    for (let left = length; left > 0; ) {
      if (this.#nextAt === blockBytes) block = this.#nextBlockBegins()
      const part = this.#nextPart(block, Math.min(left, blockBytes - this.#nextAt))
      parts.push(part)
      left -= part.length
    }
    return parts
  }
}
