/** What a chunk costs beside its bytes: an object and a piece of memory of its own, however small. */
const chunkOverheadBytes = 256

/** The longest head of a frame (RFC 6455, section 5.2). */
const headBytesMax = 14

/**
 * Follows the bytes of a WebSocket, frame by frame, to know what has come of a message that is not whole. Whoever takes WebSockets apart tells of whole messages only,
 * and a peer that never ends one would hold memory that nobody counts.
 *
 * It reads heads alone, and checks none: what is wrong in them is found by the one that takes the message apart.
 */
export class UnfinishedMessage {
  readonly #head = new Uint8Array(headBytesMax)
  #headLength = 0
  /** Of the frame, still to come. */
  #restBytes = 0
  #announcedBytes = 0
  #bytes = 0
  #chunks = 0
  /** A part has come that is not the last. */
  #isMessageOpen = false

  /** All bytes since it began. Pings between its parts are counted, since a part may keep the whole chunk in which it came. */
  get bytes(): number {
    return this.#bytes
  }

  get memoryBytes(): number {
    return this.#bytes + this.#chunks * chunkOverheadBytes
  }

  /** How long it will be at least, as the heads say that have come. */
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

  /** @returns whether nothing is unfinished behind this frame */
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
