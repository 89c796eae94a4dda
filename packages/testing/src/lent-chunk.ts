/** Lent bytes start at this offset in their buffer, so that code that ignores `byteOffset` reads garbage. */
const lentOffset = 8
const poison = 0xdd

/** The memory that an end lends to its sink, one chunk after the other. */
export class LentChunk {
  readonly #poisons: boolean
  #buffer = new Uint8Array(0)

  /** @param poisons whether the bytes are overwritten after each use */
  constructor(poisons: boolean) {
    this.#poisons = poisons
  }

  /** Lends `bytes` bytes, written by `fill`, to one call of `use`. */
  lend(bytes: number, fill: (lent: Uint8Array) => void, use: (lent: Uint8Array) => void): void {
    if (this.#buffer.byteLength < bytes + lentOffset) this.#buffer = new Uint8Array(bytes + lentOffset)
    const lent = this.#buffer.subarray(lentOffset, lentOffset + bytes)
    fill(lent)
    use(lent)
    if (this.#poisons) lent.fill(poison)
  }
}
