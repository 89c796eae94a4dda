import { framingLimits } from '../limits.ts'

/**
 * A payload that arrives in pieces. Its memory doubles with the bytes that have come, up to the announced
 * length: never more than twice what arrived (or the first piece of memory), and fewer than three bytes are copied for each
 * that comes.
 */
export class PendingPayload {
  readonly length: number
  #bytes: Uint8Array
  #filled = 0
  /** Bytes copied so far, growth included. */
  copiedBytes = 0

  constructor(length: number, arrivingBytes: number) {
    this.length = length
    // Twice what is here, because a frame cut once then rarely moves: chunks are longer than most frames.
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

  /** The payload, once nothing is missing: its memory is exactly its length. */
  get bytes(): Uint8Array {
    return this.#bytes
  }

  /** Takes a copy of `source` from `start` to `end`; the caller never offers more than is missing. */
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
