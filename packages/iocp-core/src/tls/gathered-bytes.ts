import { copyBytes, lengthOf, viewOf } from '../memory/bytes.ts'

/** As long as four records of TLS, of which none holds more than 16 KiB (RFC 8446, section 5.1). */
const slabBytes = 64 * 1024

/** So many are kept for the next writes of any connection, and not more. */
const slabsKept = 16

const free: Buffer[] = []

/**
 * What one connection was given to send and has not written yet. It is gathered in slabs, which all connections share: many small
 * frames are one write, and so one record.
 *
 * A slab belongs to its connection until the write of its bytes is done, and no longer.
 */
export class GatheredBytes {
  readonly #write: (bytes: Buffer, done: () => void) => void
  #slab: Buffer | undefined
  #end = 0

  /** @param write takes bytes that stay as they are until it calls `done`, once */
  constructor(write: (bytes: Buffer, done: () => void) => void) {
    this.#write = write
  }

  get length(): number {
    return this.#end
  }

  add(bytes: Uint8Array): void {
    const length = lengthOf(bytes)
    for (let from = 0; from < length; ) {
      this.#slab ??= free.pop() ?? Buffer.allocUnsafeSlow(slabBytes)
      const pieceBytes = Math.min(length - from, slabBytes - this.#end)
      copyBytes(this.#slab, this.#end, viewOf(bytes, from, pieceBytes), pieceBytes)
      this.#end += pieceBytes
      from += pieceBytes
      if (this.#end === slabBytes) this.flush()
    }
  }

  flush(): void {
    const slab = this.#slab
    if (slab === undefined) return
    const bytes = slab.subarray(0, this.#end)
    this.#slab = undefined
    this.#end = 0
    this.#write(bytes, () => giveBack(slab))
  }

  /** What was not written is lost. */
  drop(): void {
    if (this.#slab !== undefined) giveBack(this.#slab)
    this.#slab = undefined
    this.#end = 0
  }
}

function giveBack(slab: Buffer): void {
  if (free.length < slabsKept) free.push(slab)
}
