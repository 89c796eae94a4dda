import { limits } from '../limits.ts'
import { copyBytes, viewOf } from '../memory/bytes.ts'
import { Fifo } from '../memory/fifo.ts'

const chunkBytes = limits.sendChunkBytes.default

/**
 * Chunks of memory for what is queued, reused between the connections of a driver and counted. Buffers, because a socket
 * makes one of whatever else it is given; over memory that the system gives zeroed, because with `allocUnsafeSlow` 10,000
 * connections leave 20 MiB more behind.
 */
export class ChunkPool {
  readonly #free: Buffer[] = []
  /** Chunks that hold bytes now. */
  inUse = 0

  take(): Buffer {
    this.inUse++
    return this.#free.pop() ?? Buffer.from(new ArrayBuffer(chunkBytes))
  }

  give(chunks: readonly Buffer[]): void {
    this.inUse -= chunks.length
    for (let index = 0; index < chunks.length; index++) {
      if (this.#free.length < limits.chunksPooledMax.default) this.#free.push(chunks[index]!)
    }
  }

  clear(): void {
    this.#free.length = 0
  }
}

/** The send queue of one connection: copies of what `send` was given, in order, in chunks of one size. */
export class SendChunks {
  readonly #pool: ChunkPool
  readonly #chunks = new Fifo<Buffer>()
  /** The youngest chunk in the queue, and the bytes in it; all before it are full. */
  #last: Buffer | undefined
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
  takeFirst(): { chunks: Buffer[]; bytes: number } {
    const chunks = this.#take(limits.sendChunksPerWrite.default)
    const bytes = Math.min(this.bytes, chunks.length * chunkBytes)
    this.bytes -= bytes
    return { chunks, bytes }
  }

  release(): void {
    this.#pool.give(this.#take(this.#chunks.length))
    this.bytes = 0
  }

  #chunkWithRoom(): Buffer {
    if (this.#last === undefined || this.#lastBytes === chunkBytes) {
      this.#last = this.#pool.take()
      this.#lastBytes = 0
      this.#chunks.push(this.#last)
    }
    return this.#last
  }

  #take(max: number): Buffer[] {
    const chunks: Buffer[] = []
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
