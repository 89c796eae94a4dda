import { Buffer } from 'node:buffer'

/** The length before each payload: four bytes, most significant first (docs/wire-protocol.md). */
const headerBytes = 4

/** A frame at its beginning in a stream of bytes. */
export interface SeenFrame {
  /** 0 for the first frame of the stream. */
  readonly number: number
  /** The offset of its header in the stream. */
  readonly beginsAt: number
  readonly endsAt: number
  /** The first two bytes of its payload. */
  readonly kind: number
  readonly flags: number
}

/**
 * Finds the frames in a stream of bytes, written from the document alone, because the proxy that cuts connections must
 * not share code with the code under test. It knows where a frame begins and ends after its first bytes.
 */
export class FrameMeter {
  #number = 0
  /** The offset of the current frame. */
  #beginsAt = 0
  /** The number of received bytes. */
  #at = 0
  /** The header and the first two bytes of the payload. */
  readonly #head = Buffer.alloc(headerBytes + 2)
  #headBytes = 0

  /** The number of received bytes. */
  get bytes(): number {
    return this.#at
  }

  /** @returns the frames whose first bytes have arrived with this chunk */
  take(chunk: Uint8Array): SeenFrame[] {
    const seen: SeenFrame[] = []
    let at = 0
    while (at < chunk.length) {
      if (this.#headBytes < this.#head.length) {
        this.#head[this.#headBytes++] = chunk[at++] as number
        this.#at += 1
        // Every envelope has at least two bytes.
        if (this.#headBytes === this.#head.length) seen.push(this.#frame())
        continue
      }
      const step = Math.min(chunk.length - at, this.#endsAt - this.#at)
      at += step
      this.#at += step
      this.#endIfWhole()
    }
    return seen
  }

  get #endsAt(): number {
    return this.#beginsAt + headerBytes + this.#head.readUInt32BE(0)
  }

  #frame(): SeenFrame {
    const frame = {
      number: this.#number,
      beginsAt: this.#beginsAt,
      endsAt: this.#endsAt,
      kind: this.#head[headerBytes] as number,
      flags: this.#head[headerBytes + 1] as number,
    }
    this.#number += 1
    this.#endIfWhole()
    return frame
  }

  #endIfWhole(): void {
    if (this.#at < this.#endsAt) return
    this.#beginsAt = this.#at
    this.#headBytes = 0
  }
}
