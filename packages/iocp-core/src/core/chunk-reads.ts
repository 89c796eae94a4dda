import { Fifo } from '../memory/fifo.ts'

export type ChunkResult = IteratorResult<Uint8Array, undefined>

interface Waiter {
  resolve(result: ChunkResult): void
  reject(error: Error): void
}

const done: ChunkResult = { done: true, value: undefined }

/** The pending reads of an iterator, and how they settle: with a chunk, or all of them with the end. */
export class ChunkReads {
  readonly #waiters = new Fifo<Waiter>()
  /** No more chunks will come. */
  #finished = false
  /** The error, until it has been thrown. */
  #failure: Error | undefined
  #hasLearnedTheEnd = false

  get isFinished(): boolean {
    return this.#finished
  }

  /** The reader knows the end: it got `done` or the error, or it has left. */
  get hasLearnedTheEnd(): boolean {
    return this.#hasLearnedTheEnd
  }

  /** A read without a chunk: it waits for one, or returns the end. */
  wait(): Promise<ChunkResult> {
    if (!this.#finished) return new Promise((resolve, reject) => this.#waiters.push({ resolve, reject }))
    this.#hasLearnedTheEnd = true
    const failure = this.#takeFailure()
    return failure === undefined ? Promise.resolve(done) : Promise.reject(failure)
  }

  /** Passes a copy of lent bytes to the oldest pending read. Returns false if there is none. */
  give(lent: Uint8Array): boolean {
    const waiter = this.#waiters.shift()
    if (waiter === undefined) return false
    waiter.resolve({ done: false, value: lent.slice() })
    return true
  }

  /** No more chunks will come. The first read rejects with the error, every other one returns done. */
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

  /** The reader has left, and needs no result. */
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
