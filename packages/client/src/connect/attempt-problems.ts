import type { SessionCloseReason } from '@frameport/protocol'
import { textOfThrown } from '@frameport/protocol/checks'
import type { Addresses } from './addresses.ts'

/** What one attempt has met at each address that it tried. */
export class AttemptProblems {
  readonly #addresses: Addresses
  readonly #problems: string[] = []
  readonly #causes: unknown[] = []
  #refusal: SessionCloseReason | undefined

  constructor(addresses: Addresses) {
    this.#addresses = addresses
  }

  /** What the first server said that was reached and refused: it tells more than that others were not. */
  get refusal(): SessionCloseReason | undefined {
    return this.#refusal
  }

  /** Of an attempt that connected to none of them: with several addresses, an error that says why of each. */
  get cause(): unknown {
    return this.#addresses.areSeveral ? this.#all : this.#causes[0]
  }

  notConnected(cause: unknown): void {
    this.#note(textOfThrown(cause), cause)
  }

  handshakeFailed(reason: SessionCloseReason): void {
    const { code, message, cause, retryAfterMs } = reason
    if (code === 'HELLO_REFUSED') this.#refusal ??= reason
    if (retryAfterMs !== undefined) this.#addresses.askedToWait(retryAfterMs)
    this.#note(message, cause ?? new Error(message))
  }

  /** @param last the reason of the last handshake */
  reasonAfter(last: SessionCloseReason): SessionCloseReason {
    if (this.#problems.length === 1) return last
    const message = `Could not connect to ${this.#addresses.urls}: ${this.#all.message}`
    return (
      this.refusal ?? {
        code: 'CONNECTION_LOST',
        message,
        cause: this.#all,
        retryAfterMs: this.#addresses.retryAfterMs,
      }
    )
  }

  #note(problem: string, cause: unknown): void {
    this.#problems.push(`${this.#addresses.url}: ${problem}`)
    this.#causes.push(cause)
  }

  get #all(): AggregateError {
    return new AggregateError(this.#causes, this.#problems.join('; '))
  }
}
