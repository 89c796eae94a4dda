import type { RpcError } from '../rpc-error.ts'
import type { SessionEnvironment, SessionTimer } from '../session/common/session-environment.ts'
import type { Session } from '../session/common/session-types.ts'
import { startTimer } from '../session/common/timers.ts'
import { againLimits } from './again-limits.ts'

/** An attempt to make a call that failed because its session ended or is being left. */
export interface FailedAttempt {
  /** The error with which the session settled the attempt. */
  readonly error: RpcError
  /** The session on which the attempt was made. */
  readonly session: Session
  /** The current session. It differs from `session` if that was replaced. */
  readonly current: Session
  /** The deadline of the call on the clock of the session, in milliseconds; undefined without a deadline. */
  readonly deadlineAtMs: number | undefined
  /** The number of earlier repetitions. */
  readonly moves: number
  /**
   * What happens to an attempt that may have run:
   *
   * - `fail`: the call fails
   * - `repeat`: the call is made again while there are tokens, and may run twice
   * - `resume`: the call continues where it was, and nothing runs twice
   */
  readonly ifMayHaveRun: 'fail' | 'repeat' | 'resume'
}

/** A wait before a call is repeated. */
export interface AgainWait {
  /**
   * Settles with true when the wait is over or was ended early, with false when the client was closed. Never rejects.
   */
  readonly over: Promise<boolean>
  /** Ends the wait. Can be called more than once. */
  end(): void
}

/** A stream that can continue on another session. */
export interface MovableStream {
  /** Continues on the current session, unless the stream has left `session` already. */
  leave(session: Session): void
}

type Over = (goesOn: boolean) => void

const partsPerToken = againLimits.successesPerToken
const partsMax = againLimits.tokensMax * partsPerToken
const partsKept = againLimits.tokensKept * partsPerToken

/**
 * Decides for one client which calls are repeated: those whose session ended and was replaced by another one. An
 * answer of the callee is never repeated, whatever its code is.
 */
export class CallsAgain {
  readonly #environment: SessionEnvironment
  readonly #waits = new Set<Over>()
  /** The open streams whose procedures have `resumeFrom`. */
  readonly streams = new Set<MovableStream>()
  /** The tokens in integer parts, so that counting a successful call allocates nothing. */
  #parts: number = partsMax
  #isClosed = false

  readonly #mayWait: () => boolean

  /**
   * @param mayWait whether a call may be repeated that has to wait for a connection. A stream that continues where it
   *   was may always wait. Default: always true
   */
  constructor(environment: SessionEnvironment, mayWait: () => boolean = () => true) {
    this.#environment = environment
    this.#mayWait = mayWait
  }

  /** Counts a call that succeeded, which earns a part of a token. */
  succeeded(): void {
    if (this.#parts < partsMax) this.#parts += 1
  }

  /**
   * Decides whether a call is repeated.
   *
   * @returns the milliseconds that the server asked to wait first, usually 0; undefined if the call fails
   */
  delayMs(attempt: FailedAttempt): number | undefined {
    const { error, session, current, deadlineAtMs, moves, ifMayHaveRun } = attempt
    if (this.#isClosed || current === session || moves >= againLimits.movesMax) return undefined
    if (error.maybeExecuted && ifMayHaveRun === 'fail') return undefined
    if (ifMayHaveRun !== 'resume' && !this.#mayWait()) return undefined
    const { retryAfterMs = 0 } = error
    // A wait that ends too late would hide the server's error from the caller.
    const leftMs = deadlineAtMs === undefined ? Number.POSITIVE_INFINITY : deadlineAtMs - this.nowMs()
    if (retryAfterMs > againLimits.retryAfterMsMax || retryAfterMs >= leftMs) return undefined
    if (error.maybeExecuted && ifMayHaveRun === 'repeat' && !this.#takeToken()) return undefined
    return retryAfterMs
  }

  /**
   * Called when the server of `session` drains and another session is open in its place. Streams with `resumeFrom`
   * continue there at once, because one without an end would only be cancelled when the grace period ends. Other
   * calls finish on their own session.
   */
  leave(session: Session): void {
    for (const stream of [...this.streams]) stream.leave(session)
  }

  /** The time on the clock of the sessions, in milliseconds. */
  nowMs(): number {
    return this.#environment.nowMs()
  }

  /** Starts a wait of `delayMs` milliseconds. */
  wait(delayMs: number): AgainWait {
    let over: Over = () => undefined
    const settled = new Promise<boolean>((resolve) => {
      let timer: SessionTimer | undefined
      over = (goesOn) => {
        timer?.cancel()
        this.#waits.delete(over)
        resolve(goesOn)
      }
      this.#waits.add(over)
      timer = startTimer(this.#environment, delayMs, () => over(true))
    })
    return { over: settled, end: () => over(true) }
  }

  /** Stops repeating calls because the client was closed: calls that wait fail. Can be called more than once. */
  close(): void {
    this.#isClosed = true
    for (const over of this.#waits) over(false)
  }

  /** As gRPC counts them: each failure takes a token, even of a call that is not repeated. */
  #takeToken(): boolean {
    this.#parts = Math.max(0, this.#parts - partsPerToken)
    return this.#parts > partsKept
  }
}
