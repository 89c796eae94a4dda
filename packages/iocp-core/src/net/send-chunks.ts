import { limits } from '../limits.ts'

const chunkBytes = limits.sendChunkBytes.default

/** Chunks of memory for what is queued, reused between the connections of a driver and counted. */
export class ChunkPool {
  readonly #free: Uint8Array[] = []
  /** Chunks that hold bytes now. */
  inUse = 0

  take(): Uint8Array {
    this.inUse++
    return this.#free.pop() ?? new Uint8Array(chunkBytes)
  }

  give(chunks: readonly Uint8Array[]): void {
    this.inUse -= chunks.length
    const room = limits.chunksPooledMax.default - this.#free.length
    for (const chunk of chunks.slice(0, Math.max(0, room))) this.#free.push(chunk)
  }

  clear(): void {
    this.#free.length = 0
  }
}

/** The send queue of one connection: copies of what `send` was given, in order, in chunks of one size. */
export class SendChunks {
  readonly #pool: ChunkPool
  #chunks: Uint8Array[] = []
  /** Bytes in the last chunk; all before it are full. */
  #lastBytes = 0
  bytes = 0

  constructor(pool: ChunkPool) {
    this.#pool = pool
  }

  append(part: Uint8Array): void {
    let taken = 0
    while (taken < part.length) {
      if (this.#chunks.length === 0 || this.#lastBytes === chunkBytes) {
        this.#chunks.push(this.#pool.take())
        this.#lastBytes = 0
      }
      const chunk = this.#chunks[this.#chunks.length - 1]!
      const count = Math.min(part.length - taken, chunkBytes - this.#lastBytes)
      chunk.set(count === part.length ? part : part.subarray(taken, taken + count), this.#lastBytes)
      this.#lastBytes += count
      taken += count
    }
    this.bytes += part.length
  }

  /** Hands over the first chunks, up to `limits.sendChunksPerWrite`, and how many bytes they hold. */
  takeFirst(): { chunks: Uint8Array[]; bytes: number } {
    const chunks = this.#chunks.splice(0, limits.sendChunksPerWrite.default)
    const bytes = Math.min(this.bytes, chunks.length * chunkBytes)
    this.bytes -= bytes
    return { chunks, bytes }
  }

  release(): void {
    this.#pool.give(this.#chunks)
    this.#chunks = []
    this.bytes = 0
  }
}
