import type { SessionEnvironment } from '@frameport/protocol/session'
import type { Logger } from './logger.ts'

/**
 * What a server does at its end with things that others wrote. One that fails, or never settles, is logged, and keeps
 * nothing else from being done.
 */
export class CloseAttempts {
  readonly #environment: SessionEnvironment
  readonly #log: Logger
  readonly #timeoutMs: number

  constructor(environment: SessionEnvironment, log: Logger, timeoutMs: number) {
    this.#environment = environment
    this.#log = log
    this.#timeoutMs = timeoutMs
  }

  /**
   * Settles when `step` has settled, or the timeout is over. Never rejects.
   *
   * @param what the subject of the log text: `a listener`
   */
  make(what: string, url: string | undefined, step: () => unknown): Promise<void> {
    const facts = url === undefined ? {} : { url }
    const failed = (err: unknown) => this.#log.error({ ...facts, err }, `${what} failed to close`)
    const done = (async () => step())().then(() => undefined, failed)
    return this.#atMost(done, () => {
      this.#log.error(
        facts,
        `${what} did not close within ${this.#timeoutMs} ms; the server stopped waiting for it`,
      )
    }).catch(failed)
  }

  #atMost(done: Promise<void>, late: () => void): Promise<void> {
    return new Promise((resolve, reject) => {
      const timer = this.#environment.setTimer(this.#timeoutMs, () => {
        late()
        resolve()
      })
      done.then(() => {
        timer.cancel()
        resolve()
      }, reject)
    })
  }
}
