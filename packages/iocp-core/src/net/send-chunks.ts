import { limits } from '../limits.ts'
import { copyBytes, viewOf } from '../memory/bytes.ts'
import { Fifo } from '../memory/fifo.ts'

const firstBytes = limits.sendFirstChunkBytes.default
const chunkBytes = limits.sendChunkBytes.default
/** First chunks are cut from sheets of this size: a store for each chunk would take as much memory as the chunk. */
const sheetBytes = 64 * firstBytes

/**
 * Chunks of memory for queued bytes, counted and reused by the connections of a driver. They are Buffers, because a socket
 * converts anything else to one. Their memory comes zeroed from the system: with `allocUnsafeSlow`, 10,000 connections
 * leave 20 MiB more behind.
 */
export class ChunkPool {
  readonly #free: Buffer[] = []
  readonly #freeFirst: Buffer[] = []
  #sheet = new ArrayBuffer(0)
  /** First chunks that lie in sheets. All come back, and no others: a chunk that is kept keeps its whole sheet. */
  #firstCut = 0
  /** Chunks that hold bytes now. */
  inUse = 0

  take(): Buffer {
    this.inUse++
    return this.#free.pop() ?? Buffer.from(new ArrayBuffer(chunkBytes))
  }

  /** Returns a small chunk for an empty queue: most queues hold one message until the end of the turn. */
  takeFirst(): Buffer {
    this.inUse++
    return this.#freeFirst.pop() ?? this.#newFirst()
  }

  give(chunks: readonly Buffer[]): void {
    for (let index = 0; index < chunks.length; index++) this.giveOne(chunks[index]!)
  }

  giveOne(chunk: Buffer): void {
    this.inUse--
    if (chunk.length === firstBytes) {
      if (chunk.buffer.byteLength === sheetBytes) this.#freeFirst.push(chunk)
    } else if (this.#free.length < limits.chunksPooledMax.default) this.#free.push(chunk)
  }

  clear(): void {
    this.#free.length = 0
    this.#freeFirst.length = 0
  }

  #newFirst(): Buffer {
    if (this.#firstCut === limits.firstChunksPooledMax.default)
      return Buffer.from(new ArrayBuffer(firstBytes))
    const offset = (this.#firstCut * firstBytes) % sheetBytes
    if (offset === 0) this.#sheet = new ArrayBuffer(sheetBytes)
    this.#firstCut++
    return Buffer.from(this.#sheet, offset, firstBytes)
  }
}

/**
 * The send queue of one connection: copies of the sent bytes, in order. Bytes that do not fit into the first chunk move
 * to one of the normal size, so a queue that fits into one chunk is one chunk and one write.
 */
export class SendChunks {
  readonly #pool: ChunkPool
  readonly #chunks = new Fifo<Buffer>()
  /** The newest chunk in the queue, and the bytes in it; all earlier ones are full. */
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
      const chunk = this.#chunkWithRoom(length - taken)
      const count = Math.min(length - taken, chunk.length - this.#lastBytes)
      if (count === length) copyBytes(chunk, this.#lastBytes, part, length)
      else chunk.set(viewOf(part, taken, count), this.#lastBytes)
      this.#lastBytes += count
      taken += count
    }
    this.bytes += length
  }

  /** Removes and returns the first chunks, up to `limits.sendChunksPerWrite`, and the number of bytes in them. */
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

  /** Returns the last chunk, with room for at least one byte, and for `length` bytes if one chunk can hold the whole queue. */
  #chunkWithRoom(length: number): Buffer {
    const last = this.#last
    if (last === undefined)
      return this.#push(length <= firstBytes ? this.#pool.takeFirst() : this.#pool.take())
    if (last.length === firstBytes && length > firstBytes - this.#lastBytes) return this.#moveFirst(last)
    return this.#lastBytes === chunkBytes ? this.#push(this.#pool.take()) : last
  }

  #push(chunk: Buffer): Buffer {
    this.#last = chunk
    this.#lastBytes = 0
    this.#chunks.push(chunk)
    return chunk
  }

  /** A first chunk is always the only one in its queue. */
  #moveFirst(first: Buffer): Buffer {
    const bytes = this.#lastBytes
    this.#chunks.clear()
    const chunk = this.#push(this.#pool.take())
    copyBytes(chunk, 0, first, bytes)
    this.#lastBytes = bytes
    this.#pool.giveOne(first)
    return chunk
  }

  #take(max: number): Buffer[] {
    const chunks: Buffer[] = []
    while (chunks.length < max) {
      const chunk = this.#chunks.shift()
      if (chunk === undefined) break
      chunks.push(chunk)
    }
    // A chunk that is being written must not be appended to.
    if (this.#chunks.length === 0) this.#last = undefined
    return chunks
  }
}
