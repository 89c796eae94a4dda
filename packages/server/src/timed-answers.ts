import type { SessionEnvironment, SessionTimer } from '@frameport/protocol/session'
import { ServerError } from './server-error.ts'

interface OpenAnswer {
  readonly timer: SessionTimer
  readonly reject: (reason: ServerError) => void
}

/** Waits for promises of other code, for a limited time and at most until the server ends. */
export class TimedAnswers {
  readonly timeoutMs: number
  readonly #environment: SessionEnvironment
  readonly #open = new Set<OpenAnswer>()
  #isClosed = false

  constructor(environment: SessionEnvironment, timeoutMs: number) {
    this.#environment = environment
    this.timeoutMs = timeoutMs
  }

  /** Rejects with ServerError `SERVER_CLOSED`, with the result of `late`, or with the reason of the answer. */
  wait<Answer>(answer: PromiseLike<Answer>, late: () => ServerError): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const end = (settle: () => void) => {
        if (!this.#open.delete(open)) return
        open.timer.cancel()
        settle()
      }
      const onLate = () => end(() => reject(late()))
      const open: OpenAnswer = { timer: this.#environment.setTimer(this.timeoutMs, onLate), reject }
      this.#open.add(open)
      answer.then(
        (value) => end(() => resolve(value)),
        (reason) => end(() => reject(reason)),
      )
      if (this.#isClosed) end(() => reject(new ServerError('SERVER_CLOSED')))
    })
  }

  /** The server has closed: pending answers are no longer awaited. */
  close(): void {
    this.#isClosed = true
    for (const { timer, reject } of this.#open) {
      timer.cancel()
      reject(new ServerError('SERVER_CLOSED'))
    }
    this.#open.clear()
  }
}
