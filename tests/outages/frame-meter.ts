import { Buffer } from 'node:buffer'

/** The length in front of each payload: four bytes, the highest first (docs/wire-protocol.md). */
const headerBytes = 4

/** A frame as it begins in a stream of bytes. */
export interface SeenFrame {
  /** 0 for the first of the stream. */
  readonly number: number
  /** Of its header, counted from the begin of the stream. */
  readonly beginsAt: number
  readonly endsAt: number
  /** The first two bytes of its payload. */
  readonly kind: number
  readonly flags: number
}

/**
 * Finds the frames in a stream of bytes, by the document alone: what cuts a connection must not share code with what it is to
 * break. It says where a frame begins and ends as soon as its first bytes have come.
 */
export class FrameMeter {
  #number = 0
  /** Of the frame that is being read. */
  #beginsAt = 0
  /** Bytes that have come. */
  #at = 0
  /** The header and the first two bytes of the payload. */
  readonly #head = Buffer.alloc(headerBytes + 2)
  #headBytes = 0

  /** Bytes that have come so far. */
  get bytes(): number {
    return this.#at
  }

  /** @returns the frames whose first bytes have come with these */
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
