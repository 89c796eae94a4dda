import { Fifo } from '../memory/fifo.ts'

export type ChunkResult = IteratorResult<Uint8Array, undefined>

interface Waiter {
  resolve(result: ChunkResult): void
  reject(error: Error): void
}

const done: ChunkResult = { done: true, value: undefined }

/** The reads of an iterator that found nothing, and how they end: with a chunk, or all of them with the end. */
export class ChunkReads {
  readonly #waiters = new Fifo<Waiter>()
  /** No chunk will come any more. */
  #finished = false
  /** Why, until it has been thrown. */
  #failure: Error | undefined
  #hasLearnedTheEnd = false

  get isFinished(): boolean {
    return this.#finished
  }

  /** The reader knows that there is nothing more: it got `done` or the failure, or it has left. */
  get hasLearnedTheEnd(): boolean {
    return this.#hasLearnedTheEnd
  }

  /** A read that found nothing: waits for a chunk, or tells the end. */
  wait(): Promise<ChunkResult> {
    if (!this.#finished) return new Promise((resolve, reject) => this.#waiters.push({ resolve, reject }))
    this.#hasLearnedTheEnd = true
    const failure = this.#takeFailure()
    return failure === undefined ? Promise.resolve(done) : Promise.reject(failure)
  }

  /** Gives a copy of lent bytes to the read that waits longest. False when none waits. */
  give(lent: Uint8Array): boolean {
    const waiter = this.#waiters.shift()
    if (waiter === undefined) return false
    waiter.resolve({ done: false, value: lent.slice() })
    return true
  }

  /** No chunk will come any more. The first read learns why, every other one that it is done. */
  finish(failure: Error | undefined): void {
    this.#finished = true
    this.#failure = failure
    for (let waiter = this.#waiters.shift(); waiter !== undefined; waiter = this.#waiters.shift()) {
      this.#hasLearnedTheEnd = true
      const error = this.#takeFailure()
      if (error === undefined) waiter.resolve(done)
      else waiter.reject(error)
    }
  }

  /** The reader has left, and wants to know nothing. */
  leave(): Promise<ChunkResult> {
    this.#hasLearnedTheEnd = true
    this.finish(undefined)
    return Promise.resolve(done)
  }

  #takeFailure(): Error | undefined {
    const failure = this.#failure
    this.#failure = undefined
    return failure
  }
}
