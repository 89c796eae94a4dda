import { framingLimits } from '../limits.ts'

/**
 * A payload that arrives in pieces. Its memory doubles with the bytes that arrive, up to the announced length. It is never more than twice
 * the bytes that arrived (or the first allocation), and fewer than three bytes are copied for each byte that arrives.
 */
export class PendingPayload {
  readonly length: number
  #bytes: Uint8Array
  #filled = 0
  /** The number of bytes copied so far, growth included. */
  copiedBytes = 0

  constructor(length: number, arrivingBytes: number) {
    this.length = length
    // Twice the bytes that are here, so that a frame cut once rarely moves: chunks are longer than most frames.
    this.#bytes = new Uint8Array(Math.min(length, Math.max(framingLimits.pendingBytesMin, 2 * arrivingBytes)))
  }

  get filledBytes(): number {
    return this.#filled
  }

  get memoryBytes(): number {
    return this.#bytes.length
  }

  get missingBytes(): number {
    return this.length - this.#filled
  }

  /** The payload, once it is complete. Its buffer has exactly its length. */
  get bytes(): Uint8Array {
    return this.#bytes
  }

  /** Copies `source` from `start` to `end`. The caller never gives more bytes than are missing. */
  append(source: Uint8Array, start: number, end: number): void {
    const filled = this.#filled + end - start
    if (filled > this.#bytes.length) this.#grow(filled)
    this.#bytes.set(start === 0 && end === source.length ? source : source.subarray(start, end), this.#filled)
    this.copiedBytes += end - start
    this.#filled = filled
  }

  #grow(atLeast: number): void {
    const grown = new Uint8Array(Math.min(this.length, Math.max(atLeast, this.#bytes.length * 2)))
    grown.set(this.#bytes.subarray(0, this.#filled))
    this.copiedBytes += this.#filled
    this.#bytes = grown
  }
}
