import type { RpcError } from '../rpc-error.ts'
import type { SessionCloseReason } from './common/close-reason.ts'
import type { InTurns } from './common/in-turns.ts'

/** Of a session that ends for no fault. */
export const orderly: SessionCloseReason = { code: 'CLOSED', message: 'the session was closed in order' }

/**
 * What is known of the end of one session, and what of it has still to happen. Its calls end in turns of the event loop,
 * its link ends by itself: the session is closed when both have.
 */
export class SessionEnd {
  /** Settles when the session is closed. */
  readonly closed: Promise<void>
  readonly #endings: InTurns
  readonly #last: (reason: SessionCloseReason) => void
  #resolveClosed: () => void = () => {}
  #reason: SessionCloseReason | undefined
  #refusal: RpcError | undefined
  #retryAfterMs: number | undefined
  #callsHaveEnded = false
  #linkIsGone = false
  #isClosed = false

  /**
   * @param endings the turns in which calls end
   * @param last called once, with the reason, when nothing is left of calls and link
   */
  constructor(endings: InTurns, last: (reason: SessionCloseReason) => void) {
    this.#endings = endings
    this.#last = last
    this.closed = new Promise((resolve) => {
      this.#resolveClosed = resolve
    })
  }

  /** What the server answered the hello with. */
  get refusal(): RpcError | undefined {
    return this.#refusal
  }

  /** When the peer said that this side may connect again. */
  get retryAfterMs(): number | undefined {
    return this.#retryAfterMs
  }

  refusedWith(error: RpcError | undefined): void {
    this.#refusal = error
    this.#retryAfterMs = error?.retryAfterMs
  }

  /** The last word of the peer about it counts. */
  mayComeBackAfter(retryAfterMs: number | undefined): void {
    this.#retryAfterMs = retryAfterMs ?? this.#retryAfterMs
  }

  /** The first reason counts. @returns this one, with what the peer said of coming back */
  because(reason: SessionCloseReason): SessionCloseReason {
    const retryAfterMs = this.#retryAfterMs
    const known = retryAfterMs === undefined ? reason : { ...reason, retryAfterMs }
    this.#reason ??= known
    return known
  }

  /** @param calls each step ends one of them @param then called when all have ended */
  endCalls(calls: Iterable<void>, then: () => void = () => undefined): void {
    const ended = () => {
      this.#callsHaveEnded = true
      then()
      this.#closeWhenDone()
    }
    this.#endings.add(
      (function* () {
        yield* calls
        ended()
      })(),
    )
  }

  /** @param first what is left to do when that was not known */
  linkGone(first: () => void): void {
    if (this.#linkIsGone) return
    this.#linkIsGone = true
    first()
    this.#closeWhenDone()
  }

  #closeWhenDone(): void {
    if (!this.#callsHaveEnded || !this.#linkIsGone || this.#isClosed) return
    this.#isClosed = true
    this.#last(this.#reason ?? orderly)
    this.#resolveClosed()
  }
}
