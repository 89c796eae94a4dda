import type { Payload } from '@frameport/framing'
import { NumberedLine } from './numbered-line.ts'

/** Beside what it holds: most envelopes are below 200 bytes, and a block is freed when all of it is acknowledged. */
const blockBytes = 16 * 1024

/** The length in front of each envelope. */
const lengthBytes = 4

/** In the place of a length: the next of those that are kept by reference. */
const byReference = 0xffff_ffff

interface Block {
  readonly bytes: Uint8Array
  /** Where the oldest envelope begins. */
  begin: number
  end: number
}

/**
 * Envelopes that were sent and that the peer has not acknowledged, in the order of sending. They are copied into blocks: one
 * object for each would cost a call more than the copy. Those that many sessions share are kept by reference.
 */
export class KeptEnvelopes {
  readonly #blocks: Block[] = []
  readonly #shared = new NumberedLine<Uint8Array>()
  /** The block that was freed last, for the next one: a session that is acknowledged all the time takes no new memory. */
  #spare: Block | undefined
  #count = 0
  #bytes = 0
  /** Where {@link next} reads: a block, a place in it, and the next of those kept by reference. */
  #nextBlock = 0
  #nextAt = 0
  #nextShared = 0

  get count(): number {
    return this.#count
  }

  /** Of all payloads. */
  get bytes(): number {
    return this.#bytes
  }

  /** @param isShared it is never written to, and others keep it, too */
  keep(payload: Payload, payloadBytes: number, isShared: boolean): void {
    this.#count += 1
    this.#bytes += payloadBytes
    if (isShared && payload instanceof Uint8Array) {
      this.#shared.push(payload)
      const block = this.#blockFor(0)
      writeLength(block, byReference)
      return
    }
    const block = this.#blockFor(payloadBytes)
    writeLength(block, payloadBytes)
    if (payload instanceof Uint8Array) block.bytes.set(payload, block.end)
    else copyParts(payload, block)
    block.end = block.end + payloadBytes
  }

  /** Forgets the oldest. @param count at most as many as there are, and as {@link next} has given while that is read */
  forget(count: number): void {
    for (let left = count; left > 0; left -= 1) {
      const block = this.#blocks[0] as Block
      const length = readLength(block.bytes, block.begin)
      const bytes = length === byReference ? this.#forgetShared() : length
      block.begin += lengthBytes + (length === byReference ? 0 : length)
      this.#bytes -= bytes
      this.#count -= 1
      if (block.begin === block.end) this.#free(block)
    }
  }

  /** From here on {@link next} begins with the oldest. */
  rewind(): void {
    this.#nextBlock = 0
    this.#nextAt = this.#blocks[0]?.begin ?? 0
    this.#nextShared = 0
  }

  /**
   * The next one since {@link rewind}, also when more are kept, and the oldest forgotten, in between. It is a view, which must
   * not be written to, nor kept.
   */
  next(): Uint8Array | undefined {
    let block = this.#blocks[this.#nextBlock]
    if (block !== undefined && this.#nextAt === block.end && this.#nextBlock + 1 < this.#blocks.length) {
      this.#nextBlock += 1
      block = this.#blocks[this.#nextBlock] as Block
      this.#nextAt = block.begin
    }
    if (block === undefined || this.#nextAt === block.end) return undefined
    const length = readLength(block.bytes, this.#nextAt)
    const begin = this.#nextAt + lengthBytes
    this.#nextAt = begin
    if (length === byReference) return this.#shared.at(this.#nextShared++)
    this.#nextAt += length
    return block.bytes.subarray(begin, this.#nextAt)
  }

  clear(): void {
    this.#blocks.length = 0
    this.#shared.clear()
    this.#spare = undefined
    this.#count = 0
    this.#bytes = 0
    this.rewind()
  }

  #forgetShared(): number {
    this.#nextShared -= 1
    return (this.#shared.shift() as Uint8Array).length
  }

  #blockFor(payloadBytes: number): Block {
    const needed = lengthBytes + payloadBytes
    const last = this.#blocks.at(-1)
    if (last !== undefined && last.bytes.length - last.end >= needed) return last
    // An empty one has nothing to be forgotten in front of the next.
    if (last?.end === 0) this.#spare = this.#blocks.pop()
    const spare = this.#spare
    this.#spare = undefined
    const fits = spare !== undefined && spare.bytes.length >= needed
    const block = fits ? spare : { bytes: new Uint8Array(Math.max(blockBytes, needed)), begin: 0, end: 0 }
    this.#blocks.push(block)
    return block
  }

  #free(block: Block): void {
    block.begin = 0
    block.end = 0
    // What is read stands behind all that was forgotten: at the end of this block, or in a later one.
    if (this.#nextBlock === 0) this.#nextAt = 0
    // The only one goes on from its begin.
    if (this.#blocks.length === 1 && block.bytes.length === blockBytes) return
    this.#blocks.shift()
    if (this.#nextBlock > 0) this.#nextBlock -= 1
    if (block.bytes.length === blockBytes) this.#spare = block
  }
}

function copyParts(parts: readonly Uint8Array[], { bytes, end }: Block): void {
  let at = end
  for (const part of parts) {
    bytes.set(part, at)
    at += part.length
  }
}

function writeLength(block: Block, length: number): void {
  const { bytes, end } = block
  bytes[end] = length
  bytes[end + 1] = length >>> 8
  bytes[end + 2] = length >>> 16
  bytes[end + 3] = length >>> 24
  block.end = end + lengthBytes
}

function readLength(bytes: Uint8Array, at: number): number {
  const [a = 0, b = 0, c = 0, d = 0] = [bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]]
  return (a | (b << 8) | (c << 16) | (d << 24)) >>> 0
}
