import type { RpcError } from '../rpc-error.ts'
import type { SessionCloseReason } from './common/close-reason.ts'
import type { InTurns } from './common/in-turns.ts'

/**
 * The reason of a session that ends without a fault, as it is sent to the peer. {@link SessionEnd.because} names the
 * side that ended it.
 */
export const orderly: SessionCloseReason = { code: 'CLOSED', message: 'the session was closed in order' }

export interface SessionEndEvents {
  /** All calls and the link have ended. Called once. */
  allEnded(reason: SessionCloseReason): void
}

/**
 * The known facts about the end of a session, and its remaining steps. Its calls end in turns of the event loop, and
 * its link ends by itself: the session is closed when both have.
 */
export class SessionEnd {
  readonly #endings: InTurns
  readonly #events: SessionEndEvents
  readonly #role: 'client' | 'server'
  #orderly: SessionCloseReason | undefined
  /** Created when a caller waits for it. */
  #closed: Promise<void> | undefined
  #resolveClosed: (() => void) | undefined
  #reason: SessionCloseReason | undefined
  #refusal: RpcError | undefined
  #retryAfterMs: number | undefined
  #callsHaveEnded = false
  #linkIsGone = false
  #isClosed = false

  /**
   * @param role of this side
   * @param endings the turns in which calls end
   */
  constructor(role: 'client' | 'server', endings: InTurns, events: SessionEndEvents) {
    this.#role = role
    this.#endings = endings
    this.#events = events
  }

  /** Settles when the session is closed. */
  get closed(): Promise<void> {
    this.#closed ??= this.#isClosed
      ? Promise.resolve()
      : new Promise((resolve) => {
          this.#resolveClosed = resolve
        })
    return this.#closed
  }

  /** The server's refusal of the hello. */
  get refusal(): RpcError | undefined {
    return this.#refusal
  }

  /** The time after which the peer allows a new connection. */
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

  /**
   * This side closes in order. If both sides close, the first one counts.
   *
   * @param message says who closes the session
   */
  localCloses(message: string): void {
    this.#orderly ??= { code: 'CLOSED', message, closedBy: 'local' }
  }

  /** The peer closes in order. */
  peerCloses(): void {
    const peer = this.#role === 'client' ? 'server' : 'client'
    this.#orderly ??= { code: 'CLOSED', message: `the ${peer} closed the connection`, closedBy: 'peer' }
  }

  /**
   * Keeps the first reason. A fault that names no side counts as found by this side.
   *
   * @returns `reason`, with the side that ended the session and the time after which the peer may be contacted again
   */
  because(reason: SessionCloseReason): SessionCloseReason {
    const retryAfterMs = this.#retryAfterMs
    const withSide = reason === orderly ? (this.#orderly ?? orderly) : sideKnown(reason)
    const known = retryAfterMs === undefined ? withSide : { ...withSide, retryAfterMs }
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

  /** @param first called if that was not known */
  linkGone(first: () => void): void {
    if (this.#linkIsGone) return
    this.#linkIsGone = true
    first()
    this.#closeWhenDone()
  }

  #closeWhenDone(): void {
    if (!this.#callsHaveEnded || !this.#linkIsGone || this.#isClosed) return
    this.#isClosed = true
    this.#events.allEnded(this.#reason ?? orderly)
    this.#resolveClosed?.()
  }
}

function sideKnown(reason: SessionCloseReason): SessionCloseReason {
  if (reason.closedBy !== undefined || reason.code === 'CONNECTION_LOST') return reason
  return { ...reason, closedBy: 'local' }
}
