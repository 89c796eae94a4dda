/** Bytes in the notation of a file of vectors: hexadecimal, or a head and a pattern that is repeated n times. */
export type WrittenBytes = string | { readonly head?: string; readonly rep: string; readonly n: number }

/** Longer bytes are not kept as one piece of memory but as one piece that repeats. */
const pieceBytes = 1024 * 1024

/** Bytes that may be far longer than memory: a head, then one pattern that repeats. */
export class VectorBytes {
  readonly #head: Uint8Array
  readonly #pattern: Uint8Array
  readonly length: number

  /** @throws Error naming what is wrong with the text */
  constructor(written: WrittenBytes) {
    const spread = typeof written === 'string' ? { head: written, rep: '00', n: 0 } : written
    this.#head = bytesOfHex(spread.head ?? '')
    this.#pattern = bytesOfHex(spread.rep)
    if (!Number.isSafeInteger(spread.n) || spread.n < 0) throw new Error(`n is ${spread.n}, not a count`)
    if (this.#pattern.length === 0 && spread.n > 0) throw new Error('rep is empty')
    this.length = this.#head.length + this.#pattern.length * spread.n
  }

  byteAt(at: number): number {
    if (at < this.#head.length) return this.#head[at] as number
    return this.#pattern[(at - this.#head.length) % this.#pattern.length] as number
  }

  /** All bytes in order, as one piece if they are few, otherwise in pieces that share their memory. */
  pieces(): Uint8Array[] {
    if (this.length <= pieceBytes) return [this.#piece(0, this.length)]
    const pieces = [this.#head]
    const size = Math.floor(pieceBytes / this.#pattern.length) * this.#pattern.length || this.#pattern.length
    const repeated = this.#piece(this.#head.length, this.#head.length + size)
    let rest = this.length - this.#head.length
    for (; rest >= size; rest -= size) pieces.push(repeated)
    if (rest > 0) pieces.push(repeated.subarray(0, rest))
    return pieces
  }

  /** Every byte as a piece with its own memory. */
  *singles(): Generator<Uint8Array> {
    for (let at = 0; at < this.length; at += 1) yield Uint8Array.of(this.byteAt(at))
  }

  /** Whether these bytes are at the position `at`. */
  holds(bytes: Uint8Array, at: number): boolean {
    if (at + bytes.length > this.length) return false
    for (let offset = 0; offset < bytes.length; offset += 1) {
      if (bytes[offset] !== this.byteAt(at + offset)) return false
    }
    return true
  }

  #piece(from: number, to: number): Uint8Array {
    const piece = new Uint8Array(to - from)
    for (let at = from; at < to; at += 1) piece[at - from] = this.byteAt(at)
    return piece
  }
}

function bytesOfHex(text: string): Uint8Array {
  if (typeof text !== 'string' || !/^([0-9a-f]{2})*$/i.test(text)) {
    throw new Error(`${JSON.stringify(text)} is not an even number of hexadecimal digits`)
  }
  return new Uint8Array(Buffer.from(text, 'hex'))
}
