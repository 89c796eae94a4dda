import { limits } from '../limits.ts'
import { copyBytes, viewOf } from '../memory/bytes.ts'
import { Fifo } from '../memory/fifo.ts'

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
  readonly #chunks = new Fifo<Uint8Array>()
  /** The youngest chunk in the queue, and the bytes in it; all before it are full. */
  #last: Uint8Array | undefined
  #lastBytes = 0
  bytes = 0

  constructor(pool: ChunkPool) {
    this.#pool = pool
  }

  /** Copies the first `length` bytes of a part; see {@link copyBytes}. */
  append(part: Uint8Array, length: number): void {
    let taken = 0
    while (taken < length) {
      const chunk = this.#chunkWithRoom()
      const count = Math.min(length - taken, chunkBytes - this.#lastBytes)
      if (count === length) copyBytes(chunk, this.#lastBytes, part, length)
      else chunk.set(viewOf(part, taken, count), this.#lastBytes)
      this.#lastBytes += count
      taken += count
    }
    this.bytes += length
  }

  /** Hands over the first chunks, up to `limits.sendChunksPerWrite`, and how many bytes they hold. */
  takeFirst(): { chunks: Uint8Array[]; bytes: number } {
    const chunks = this.#take(limits.sendChunksPerWrite.default)
    const bytes = Math.min(this.bytes, chunks.length * chunkBytes)
    this.bytes -= bytes
    return { chunks, bytes }
  }

  release(): void {
    this.#pool.give(this.#take(this.#chunks.length))
    this.bytes = 0
  }

  #chunkWithRoom(): Uint8Array {
    if (this.#last === undefined || this.#lastBytes === chunkBytes) {
      this.#last = this.#pool.take()
      this.#lastBytes = 0
      this.#chunks.push(this.#last)
    }
    return this.#last
  }

  #take(max: number): Uint8Array[] {
    const chunks: Uint8Array[] = []
    while (chunks.length < max) {
      const chunk = this.#chunks.shift()
      if (chunk === undefined) break
      chunks.push(chunk)
    }
    // What is written must not be appended to.
    if (this.#chunks.length === 0) this.#last = undefined
    return chunks
  }
}
