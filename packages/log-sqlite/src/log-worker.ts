import type { Worker } from 'node:worker_threads'
import type { Answer, FromWorker, ToWorker } from './messages.ts'
import type { CheckedOptions } from './options.ts'
import { SqliteLogError } from './sqlite-log-error.ts'
import { startWorker } from './start-worker.ts'
import { errorOf } from './worker-failure.ts'

type Question<Kind extends ToWorker['kind']> = Omit<Extract<ToWorker, { kind: Kind }>, 'request' | 'kind'>

/** Told of an answer, or that there will be none. */
type Waiting = (answer: Answer | undefined) => void

/** What a thread says first. */
export type Opened = Extract<FromWorker, { kind: 'opened' }>

/** The thread that drives a file, as this one sees it: each question has one answer. */
export class LogWorker {
  readonly #worker: Worker
  readonly #waiting = new Map<number, Waiting>()
  readonly opened: Promise<Opened>
  /** Called once, when the thread has ended that should not have. */
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
        // The thread gives the file back when it ends: it can be opened again from here on.
        reject(failure ?? this.lost)
      })
    })
    void this.opened.then(
      () => this.#rest(),
      () => undefined,
    )
  }

  /** Why nothing is answered any more. */
  get lost(): SqliteLogError {
    return new SqliteLogError('WORKER_FAILED', undefined, this.#lostBecause)
  }

  /** @param answered called from the event loop, never at once; with undefined when the thread has ended */
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
    // A log that waits for nothing does not keep the process running.
    if (this.#waiting.size === 0) this.#worker.ref()
    this.#waiting.set(request, answered)
    this.#worker.postMessage({ ...question, kind, request }, transfer)
  }

  /** Settles when the thread has ended. The process runs until then. */
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
