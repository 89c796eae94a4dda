import type { SqliteLogLimits } from '../limits.ts'
import type { Answer, FromWorker, ToWorker } from '../messages.ts'
import type { LogStore } from './log-store.ts'
import { packError } from './sqlite-failure.ts'

type AppendMessage = Extract<ToWorker, { kind: 'append' }>
type Send = (message: FromWorker, transfer: readonly ArrayBuffer[]) => void

/** The interval of the search for old events: a tenth of the time that they are kept, and at most a minute. */
const tidyMs = { shortest: 10, longest: 60_000, partOfAge: 10 } as const

/** Answers messages, and deletes old events between them. */
export class LogThread {
  readonly #store: LogStore
  readonly #send: Send
  readonly #timer: NodeJS.Timeout | undefined
  #tidying: NodeJS.Immediate | undefined

  constructor(store: LogStore, { ageMsMax }: SqliteLogLimits, send: Send) {
    this.#store = store
    this.#send = send
    if (ageMsMax !== undefined) {
      const everyMs = Math.min(Math.max(ageMsMax / tidyMs.partOfAge, tidyMs.shortest), tidyMs.longest)
      this.#timer = setInterval(() => this.#tidySoon(), everyMs)
    }
    this.#tidySoon()
  }

  /**
   * Appends first, in one transaction, so that readings that arrived with the events see them. @returns true once the
   * log is closed
   */
  handle(messages: readonly ToWorker[]): boolean {
    const appends = messages.filter((message) => message.kind === 'append')
    if (appends.length > 0) this.#append(appends)
    let isClosed = false
    for (const message of messages) {
      if (message.kind === 'append') continue
      this.#answer(message.request, () => this.#read(message))
      if (message.kind === 'close') isClosed = true
    }
    return isClosed
  }

  #append(messages: readonly AppendMessage[]): void {
    let answers: readonly Answer[]
    try {
      answers = this.#store.append(messages).map((places) => ({ kind: 'appended', places }))
    } catch (error) {
      const failed: Answer = { kind: 'failed', error: packError(error) }
      answers = messages.map(() => failed)
    }
    for (const [index, { request }] of messages.entries()) {
      this.#send({ kind: 'answer', request, answer: answers[index] as Answer }, [])
    }
    this.#tidySoon()
  }

  #read(message: Exclude<ToWorker, AppendMessage>): Answer {
    if (message.kind === 'after') return { kind: 'read', ...this.#store.after(message.query) }
    if (message.kind === 'before') return { kind: 'history', ...this.#store.before(message.query) }
    clearInterval(this.#timer)
    clearImmediate(this.#tidying)
    this.#store.close()
    return { kind: 'closed' }
  }

  #answer(request: number, make: () => Answer): void {
    let answer: Answer
    try {
      answer = make()
    } catch (error) {
      answer = { kind: 'failed', error: packError(error) }
    }
    this.#send({ kind: 'answer', request, answer }, 'bytes' in answer ? [answer.bytes.buffer] : [])
  }

  /** Runs one step after the present messages, and the next one after those that have arrived since then. */
  #tidySoon(): void {
    this.#tidying ??= setImmediate(() => {
      this.#tidying = undefined
      try {
        if (this.#store.tidy()) this.#tidySoon()
      } catch {
        // The next append fails for the same reason, and reports it.
      }
    })
  }
}
