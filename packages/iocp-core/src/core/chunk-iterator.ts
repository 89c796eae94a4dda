import type { Connection } from '../contract/connection.ts'
import { limits } from '../limits.ts'
import { Fifo } from '../memory/fifo.ts'
import { HeldChunks } from './held-chunks.ts'

type Result = IteratorResult<Uint8Array, undefined>

interface Waiter {
  resolve(result: Result): void
  reject(error: Error): void
}

const done: Result = { done: true, value: undefined }

/**
 * The copying reader of a connection. Holds at most about `limits.iteratorQueueBytes` for a slow loop, memory of
 * the chunks included, then pauses the connection, so that the peer waits. Leaving the loop aborts the connection.
 */
export function iterateChunks(connection: Connection): AsyncIterator<Uint8Array, undefined> {
  return new ChunkIterator(connection)
}

class ChunkIterator implements AsyncIterator<Uint8Array, undefined> {
  readonly #connection: Connection
  readonly #held = new HeldChunks()
  /** Calls of `next` that found nothing. While there are any, nothing is held. */
  readonly #waiters = new Fifo<Waiter>()
  #paused = false
  /** No chunk will come any more. */
  #finished = false
  /** Why, until it has been thrown. */
  #failure: Error | undefined
  /** The reader knows that there is nothing more: it got `done` or the failure. */
  #hasLearnedTheEnd = false

  constructor(connection: Connection) {
    this.#connection = connection
    connection.start({
      data: (lent) => this.#data(lent),
      end: () => this.#finish(undefined),
      drain() {},
      close: (error) => this.#close(error),
    })
  }

  next(): Promise<Result> {
    const chunk = this.#held.take()
    if (chunk !== undefined) {
      this.#resumeWhenEmpty()
      return Promise.resolve({ done: false, value: chunk })
    }
    if (!this.#finished) return new Promise((resolve, reject) => this.#waiters.push({ resolve, reject }))
    this.#hasLearnedTheEnd = true
    const failure = this.#takeFailure()
    return failure === undefined ? Promise.resolve(done) : Promise.reject(failure)
  }

  /** A reader that has learned the end may still be sending. One that leaves before gives the connection up. */
  return(): Promise<Result> {
    if (!this.#hasLearnedTheEnd) this.#connection.abort()
    this.#hasLearnedTheEnd = true
    this.#held.clear()
    this.#finish(undefined)
    return Promise.resolve(done)
  }

  #data(lent: Uint8Array): void {
    const waiter = this.#waiters.shift()
    if (waiter !== undefined) {
      waiter.resolve({ done: false, value: lent.slice() })
      return
    }
    this.#held.append(lent)
    if (this.#paused || this.#held.costBytes < limits.iteratorQueueBytes.default) return
    this.#paused = true
    this.#connection.pause()
  }

  /** After the peer's end an error only concerns what was being sent; the reader has had all there was. */
  #close(error: Error | undefined): void {
    if (!this.#finished) this.#finish(error)
  }

  #resumeWhenEmpty(): void {
    if (!this.#paused || this.#held.costBytes > 0) return
    this.#paused = false
    this.#connection.resume()
  }

  #finish(failure: Error | undefined): void {
    this.#finished = true
    this.#failure = failure
    for (let waiter = this.#waiters.shift(); waiter !== undefined; waiter = this.#waiters.shift()) {
      this.#hasLearnedTheEnd = true
      const error = this.#takeFailure()
      if (error === undefined) waiter.resolve(done)
      else waiter.reject(error)
    }
  }

  #takeFailure(): Error | undefined {
    const failure = this.#failure
    this.#failure = undefined
    return failure
  }
}
