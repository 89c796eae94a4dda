import type { SessionEnvironment } from '@frameport/protocol/session'
import type { Logger } from './logger.ts'

/**
 * The steps that call user code when a server closes. A step that fails or never settles is logged, and does not
 * prevent the others.
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
   * Settles when `step` has settled, or after the timeout. Never rejects.
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
