import type { Worker } from 'node:worker_threads'
import type { Answer, FromWorker, ToWorker } from './messages.ts'
import type { CheckedOptions } from './options.ts'
import { SqliteLogError } from './sqlite-log-error.ts'
import { startWorker } from './start-worker.ts'
import { errorOf } from './worker-failure.ts'

type Question<Kind extends ToWorker['kind']> = Omit<Extract<ToWorker, { kind: Kind }>, 'request' | 'kind'>

/** Called with the answer, or with undefined if there will be none. */
type Waiting = (answer: Answer | undefined) => void

/** The first message of a thread. */
export type Opened = Extract<FromWorker, { kind: 'opened' }>

/** The thread that works on a file, as seen from the main thread: each question has one answer. */
export class LogWorker {
  readonly #worker: Worker
  readonly #waiting = new Map<number, Waiting>()
  readonly opened: Promise<Opened>
  /** Called once, if the thread has ended unexpectedly. */
  onLost: (() => void) | undefined
  #requests = 0
  #isEnding = false
  #lostBecause: { readonly cause: unknown } | undefined

  constructor(options: CheckedOptions) {
    this.#worker = startWorker({ kind: 'log', ...options })
    let failure: SqliteLogError | undefined
    this.opened = new Promise((resolve, reject) => {
      this.#worker.on('message', (message: FromWorker) => {
        if (message.kind === 'opened') resolve(message)
        else if (message.kind === 'not-opened') failure = errorOf(message.error)
        else if (message.kind === 'answer') this.#settle(message.request, message.answer)
      })
      this.#worker.on('error', (cause) => this.#lose(cause))
      this.#worker.on('exit', () => {
        this.#lose(undefined)
        // The thread releases the file when it ends, so it can now be opened again.
        reject(failure ?? this.lost)
      })
    })
    void this.opened.then(
      () => this.#rest(),
      () => undefined,
    )
  }

  /** The error for questions after the end of the thread. */
  get lost(): SqliteLogError {
    return new SqliteLogError('WORKER_FAILED', undefined, this.#lostBecause)
  }

  /** @param answered called asynchronously; with undefined if the thread has ended */
  ask<Kind extends ToWorker['kind']>(
    kind: Kind,
    question: Question<Kind>,
    answered: Waiting,
    transfer: readonly ArrayBuffer[] = [],
  ): void {
    if (this.#lostBecause !== undefined) {
      setImmediate(answered, undefined)
      return
    }
    this.#requests += 1
    const request = this.#requests
    // A log without open questions does not keep the process running.
    if (this.#waiting.size === 0) this.#worker.ref()
    this.#waiting.set(request, answered)
    this.#worker.postMessage({ ...question, kind, request }, transfer)
  }

  /** Resolves when the thread has ended. It keeps the process running until then. */
  ended(): Promise<void> {
    if (this.#lostBecause !== undefined) return Promise.resolve()
    this.#isEnding = true
    this.#worker.ref()
    return new Promise((resolve) => this.#worker.once('exit', () => resolve()))
  }

  #settle(request: number, answer: Answer): void {
    const answered = this.#waiting.get(request)
    this.#waiting.delete(request)
    this.#rest()
    answered?.(answer)
  }

  #rest(): void {
    if (this.#waiting.size === 0 && !this.#isEnding) this.#worker.unref()
  }

  #lose(cause: unknown): void {
    if (this.#lostBecause !== undefined) return
    this.#lostBecause = { cause }
    const waiting = [...this.#waiting.values()]
    this.#waiting.clear()
    for (const answered of waiting) answered(undefined)
    this.onLost?.()
  }
}
