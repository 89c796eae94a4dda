import type { Connection } from '../contract/connection.ts'
import { limits } from '../limits.ts'
import { ChunkReads, type ChunkResult } from './chunk-reads.ts'
import { HeldChunks } from './held-chunks.ts'

/**
 * The copying reader of a connection. It holds at most about `limits.iteratorQueueBytes` for a slow loop, including the
 * overhead of chunks, then pauses the connection, so that the peer waits. Leaving the loop aborts the connection.
 */
export function iterateChunks(connection: Connection): AsyncIterator<Uint8Array, undefined> {
  return new ChunkIterator(connection)
}

class ChunkIterator implements AsyncIterator<Uint8Array, undefined> {
  readonly #connection: Connection
  readonly #held = new HeldChunks()
  /** While a read is pending, nothing is held. */
  readonly #reads = new ChunkReads()
  #paused = false

  constructor(connection: Connection) {
    this.#connection = connection
    connection.start({
      data: (lent) => this.#data(lent),
      end: () => this.#reads.finish(undefined),
      drain() {},
      close: (error) => this.#close(error),
    })
  }

  next(): Promise<ChunkResult> {
    const chunk = this.#held.take()
    if (chunk === undefined) return this.#reads.wait()
    this.#resumeWhenEmpty()
    return Promise.resolve({ done: false, value: chunk })
  }

  /** A reader that has reached the end may still be sending. One that leaves earlier aborts the connection. */
  return(): Promise<ChunkResult> {
    if (!this.#reads.hasLearnedTheEnd) this.#connection.abort()
    this.#held.clear()
    return this.#reads.leave()
  }

  #data(lent: Uint8Array): void {
    if (this.#reads.give(lent)) return
    this.#held.append(lent)
    if (this.#paused || this.#held.costBytes < limits.iteratorQueueBytes.default) return
    this.#paused = true
    this.#connection.pause()
  }

  /** After the peer's end, an error only concerns sending; the reader has received everything. */
  #close(error: Error | undefined): void {
    if (!this.#reads.isFinished) this.#reads.finish(error)
  }

  #resumeWhenEmpty(): void {
    if (!this.#paused || this.#held.costBytes > 0) return
    this.#paused = false
    this.#connection.resume()
  }
}
