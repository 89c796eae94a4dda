/** A queue of bytes, in the segments in which they arrived. */
export class ByteQueue {
  readonly #segments: Uint8Array[] = []
  #head = 0
  #offset = 0
  #byteLength = 0

  get byteLength(): number {
    return this.#byteLength
  }

  /** The rest of the first segment, 0 when empty. */
  get firstSegmentBytes(): number {
    return (this.#segments[this.#head]?.byteLength ?? 0) - this.#offset
  }

  /** Takes over `segment`: the caller must not write to it afterwards. */
  push(segment: Uint8Array): void {
    if (segment.byteLength === 0) return
    this.#segments.push(segment)
    this.#byteLength += segment.byteLength
  }

  /** Removes at most `bytesMax` bytes of the first segment. The queue must not be empty. */
  shiftSegment(bytesMax: number): Uint8Array {
    const segment = this.#segments[this.#head] as Uint8Array
    const bytes = Math.min(bytesMax, segment.byteLength - this.#offset)
    const piece = segment.subarray(this.#offset, this.#offset + bytes)
    this.#advance(bytes)
    return piece
  }

  /** Fills `target` from the front; the queue must hold at least that many bytes. */
  copyInto(target: Uint8Array): void {
    let filled = 0
    while (filled < target.byteLength) {
      const piece = this.shiftSegment(target.byteLength - filled)
      target.set(piece, filled)
      filled += piece.byteLength
    }
  }

  /** Empties the queue and returns the number of bytes that it held. */
  clear(): number {
    const dropped = this.#byteLength
    this.#segments.length = 0
    this.#head = 0
    this.#offset = 0
    this.#byteLength = 0
    return dropped
  }

  #advance(bytes: number): void {
    this.#byteLength -= bytes
    this.#offset += bytes
    if (this.#offset < (this.#segments[this.#head]?.byteLength ?? 0)) return
    this.#offset = 0
    this.#head++
    // Not after each segment, because that would move the rest every time.
    if (this.#head * 2 >= this.#segments.length) {
      this.#segments.splice(0, this.#head)
      this.#head = 0
    }
  }
}
