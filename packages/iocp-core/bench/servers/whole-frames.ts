/**
 * The echo of an expert: it walks from header to header and copies all whole frames, headers included, into one answer.
 * So it needs no call and no object for each frame.
 */
const headerBytes = 4
const payloadBytesMax = 1024 * 1024

/** The frames of one connection. It keeps views of the chunks of a partial frame: the chunks belong to the receiver. */
export class WholeFrames {
  /** The received pieces of the partial frame, in order. */
  #held: Uint8Array[] = []
  #heldBytes = 0

  /** Returns the answer to all frames that this chunk completes, or undefined if it completes none. */
  take(chunk: Uint8Array): Uint8Array | undefined {
    const end = this.#endOfWhole(chunk)
    if (end <= 0) {
      this.#hold(chunk)
      return undefined
    }
    const answer = Buffer.allocUnsafe(this.#heldBytes + end)
    let at = 0
    for (const piece of this.#held) {
      answer.set(piece, at)
      at += piece.length
    }
    answer.set(end === chunk.length ? chunk : chunk.subarray(0, end), at)
    if (this.#heldBytes > 0) {
      this.#held = []
      this.#heldBytes = 0
    }
    if (end < chunk.length) this.#hold(chunk.subarray(end))
    return answer
  }

  /** Where in the chunk the last whole frame ends: 0 or less if the first frame continues after the chunk. */
  #endOfWhole(chunk: Uint8Array): number {
    let at = -this.#heldBytes
    while (chunk.length - at >= headerBytes) {
      const next = at + headerBytes + (at < 0 ? this.#heldLength(chunk) : lengthAt(chunk, at))
      if (next > chunk.length) break
      at = next
    }
    return at
  }

  /** The length in a header that begins in the held pieces. */
  #heldLength(chunk: Uint8Array): number {
    const header = new Uint8Array(headerBytes)
    let filled = 0
    for (const piece of [...this.#held, chunk]) {
      const taken = piece.subarray(0, headerBytes - filled)
      header.set(taken, filled)
      filled += taken.length
      if (filled === headerBytes) break
    }
    return lengthAt(header, 0)
  }

  #hold(bytes: Uint8Array): void {
    this.#held.push(bytes)
    this.#heldBytes += bytes.length
  }
}

function lengthAt(bytes: Uint8Array, at: number): number {
  const length = ((bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!) >>> 0
  if (length > payloadBytesMax) throw new RangeError(`A frame of ${length} bytes is over the limit.`)
  return length
}
