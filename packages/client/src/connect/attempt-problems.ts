import type { SessionCloseReason } from '@frameport/protocol'
import { textOfThrown } from '@frameport/protocol/checks'
import type { Addresses } from './addresses.ts'

/** The problems of one attempt at each address that it tried. */
export class AttemptProblems {
  readonly #addresses: Addresses
  readonly #problems: string[] = []
  readonly #causes: unknown[] = []
  #refusal: SessionCloseReason | undefined

  constructor(addresses: Addresses) {
    this.#addresses = addresses
  }

  /** The answer of the first server that was reached and refused. It says more than other failures. */
  get refusal(): SessionCloseReason | undefined {
    return this.#refusal
  }

  /** The cause if no address could be connected. With several addresses, it is an error with the reason of each. */
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
