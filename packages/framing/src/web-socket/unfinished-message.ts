/** The memory of a chunk in addition to its bytes: an object and a separate allocation, however small it is. */
const chunkOverheadBytes = 256

/** The longest header of a WebSocket frame (RFC 6455, section 5.2). */
const headBytesMax = 14

/**
 * Follows the bytes of a WebSocket, frame by frame, to count the bytes of an incomplete message. WebSocket libraries report only complete
 * messages, so a peer that never ends a message would use memory that is not counted.
 *
 * It reads only the headers and validates none: the WebSocket library does.
 */
export class UnfinishedMessage {
  readonly #head = new Uint8Array(headBytesMax)
  #headLength = 0
  /** Bytes of the current frame that are still missing. */
  #restBytes = 0
  #announcedBytes = 0
  #bytes = 0
  #chunks = 0
  /** A fragment arrived that is not the last of its message. */
  #isMessageOpen = false

  /** All bytes since the message began, including pings between its fragments, because a fragment may keep the chunk in which it arrived. */
  get bytes(): number {
    return this.#bytes
  }

  get memoryBytes(): number {
    return this.#bytes + this.#chunks * chunkOverheadBytes
  }

  /** The minimum length of the message, according to the headers so far. */
  get announcedBytes(): number {
    return this.#announcedBytes
  }

  read(chunk: Uint8Array): void {
    let at = 0
    let heldFrom = 0
    while (at < chunk.length) {
      if (this.#restBytes > 0) {
        const step = Math.min(this.#restBytes, chunk.length - at)
        this.#restBytes -= step
        at += step
      } else {
        this.#head[this.#headLength] = chunk[at] as number
        this.#headLength += 1
        at += 1
        if (!this.#isHeadWhole) continue
        this.#begin()
      }
      if (this.#restBytes === 0 && this.#ended()) heldFrom = at
    }
    if (heldFrom === chunk.length) return
    this.#bytes += chunk.length - heldFrom
    this.#chunks += 1
  }

  get #isHeadWhole(): boolean {
    if (this.#headLength < 2) return false
    const second = this.#head[1] as number
    return this.#headLength === 2 + lengthBytes(second) + (second & 0x80 ? 4 : 0)
  }

  get #isControl(): boolean {
    return ((this.#head[0] as number) & 0x08) !== 0
  }

  #begin(): void {
    const view = new DataView(this.#head.buffer)
    const short = (this.#head[1] as number) & 0x7f
    this.#restBytes =
      short < 126
        ? short
        : short === 126
          ? view.getUint16(2)
          : view.getUint32(2) * 0x1_0000_0000 + view.getUint32(6)
    if (!this.#isControl) this.#announcedBytes += this.#restBytes
  }

  /** @returns true if no message is incomplete after this frame */
  #ended(): boolean {
    this.#headLength = 0
    if (!this.#isControl) this.#isMessageOpen = ((this.#head[0] as number) & 0x80) === 0
    if (this.#isMessageOpen) return false
    this.#announcedBytes = 0
    this.#bytes = 0
    this.#chunks = 0
    return true
  }
}

function lengthBytes(second: number): number {
  const short = second & 0x7f
  if (short < 126) return 0
  return short === 126 ? 2 : 8
}
