import { copyBytes, lengthOf, viewOf } from '../memory/bytes.ts'

/** The size of four TLS records, of which none holds more than 16 KiB (RFC 8446, section 5.1). */
const slabBytes = 64 * 1024

/** At most this many slabs are kept for later writes of any connection. */
const slabsKept = 16

const free: Buffer[] = []

/**
 * The bytes that one connection was asked to send and has not written yet. They are gathered in slabs, which all connections
 * share: many small frames become one write, and thus one record.
 *
 * A slab belongs to its connection only until the write of its bytes is done.
 */
export class GatheredBytes {
  readonly #write: (bytes: Buffer, done: () => void) => void
  #slab: Buffer | undefined
  #end = 0

  /** @param write takes bytes that do not change until it calls `done`, once */
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

  /** Unwritten bytes are lost. */
  drop(): void {
    if (this.#slab !== undefined) giveBack(this.#slab)
    this.#slab = undefined
    this.#end = 0
  }
}

function giveBack(slab: Buffer): void {
  if (free.length < slabsKept) free.push(slab)
}
