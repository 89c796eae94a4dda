import { limits } from '../limits.ts'
import { Fifo } from '../memory/fifo.ts'

const joinedBytes = limits.iteratorJoinedBytes.default
const chunkOverheadBytes = limits.iteratorChunkOverheadBytes.default

/**
 * Copies of the bytes that arrived, in order. Small ones are joined in memory that doubles as it fills: each byte is copied
 * fewer than four times, and two neighbours together have more than `limits.iteratorJoinedBytes`.
 */
export class HeldChunks {
  /** All chunks but the last. */
  readonly #full = new Fifo<Uint8Array>()
  /** The last chunk, and how many of its bytes are filled. */
  #last: Uint8Array | undefined
  #lastBytes = 0
  #costBytes = 0

  /** Bytes held, including the overhead of each chunk. */
  get costBytes(): number {
    return this.#costBytes
  }

  append(lent: Uint8Array): void {
    if (this.#last !== undefined && this.#lastBytes + lent.length <= joinedBytes) {
      this.#last = roomFor(this.#last, this.#lastBytes, lent.length)
      this.#last.set(lent, this.#lastBytes)
      this.#lastBytes += lent.length
    } else {
      if (this.#last !== undefined) this.#full.push(trimmed(this.#last, this.#lastBytes))
      this.#last = lent.slice()
      this.#lastBytes = lent.length
      this.#costBytes += chunkOverheadBytes
    }
    this.#costBytes += lent.length
  }

  /** Returns the oldest chunk. Its memory belongs only to the receiver. */
  take(): Uint8Array | undefined {
    const chunk = this.#full.shift() ?? this.#takeLast()
    if (chunk !== undefined) this.#costBytes -= chunk.length + chunkOverheadBytes
    return chunk
  }

  clear(): void {
    this.#full.clear()
    this.#last = undefined
    this.#costBytes = 0
  }

  #takeLast(): Uint8Array | undefined {
    const last = this.#last
    this.#last = undefined
    return last === undefined ? undefined : trimmed(last, this.#lastBytes)
  }
}

function roomFor(memory: Uint8Array, filled: number, more: number): Uint8Array {
  if (filled + more <= memory.length) return memory
  const grown = new Uint8Array(Math.min(joinedBytes, Math.max(filled + more, 2 * memory.length)))
  grown.set(memory.subarray(0, filled))
  return grown
}

/** The memory behind a chunk has no unused bytes when the reader gets it. */
function trimmed(memory: Uint8Array, filled: number): Uint8Array {
  return filled === memory.length ? memory : memory.slice(0, filled)
}
