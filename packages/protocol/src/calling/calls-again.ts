import type { RpcError } from '../rpc-error.ts'
import type { SessionEnvironment, SessionTimer } from '../session/common/session-environment.ts'
import type { Session } from '../session/common/session-types.ts'
import { startTimer } from '../session/common/timers.ts'
import { againLimits } from './again-limits.ts'

/** An attempt to make a call, which has failed because its session has ended, or is left. */
export interface FailedAttempt {
  /** What the session settled it with: `hasEndedWithSession` says that it is no failure of the callee. */
  readonly error: RpcError
  /** On which it was made. */
  readonly session: Session
  /** The session of now: another one when that has been replaced. */
  readonly current: Session
  /** Of the call, on the clock of the session; undefined without a deadline. */
  readonly deadlineAtMs: number | undefined
  /** How often the call was made again before. */
  readonly moves: number
  /**
   * What becomes of one that may have run:
   *
   * - `fail`: it fails
   * - `repeat`: it may run twice, and is made again while there are tokens
   * - `resume`: it goes on where it was, and nothing is done twice
   */
  readonly ifMayHaveRun: 'fail' | 'repeat' | 'resume'
}

/** A wait before a call is made again. */
export interface AgainWait {
  /** Settles with true when it is over, also when it was ended early; with false when the client was closed. Never rejects. */
  readonly over: Promise<boolean>
  /** Nobody has to wait any more. Idempotent. */
  end(): void
}

/** A stream that can go on elsewhere. */
export interface MovableStream {
  /** Goes on over the session of now, unless it is over another one than `session` already. */
  leave(session: Session): void
}

type Over = (goesOn: boolean) => void

const partsPerToken = againLimits.successesPerToken
const partsMax = againLimits.tokensMax * partsPerToken
const partsKept = againLimits.tokensKept * partsPerToken

/**
 * Decides for one client which calls are made again: those whose session ended, and has been replaced by another one. What a
 * callee answers is the caller's, whatever its code.
 */
export class CallsAgain {
  readonly #environment: SessionEnvironment
  readonly #waits = new Set<Over>()
  /** Those whose procedures have `resumeFrom`, while they are open. */
  readonly streams = new Set<MovableStream>()
  /** Of tokens: whole numbers, so that counting a call that succeeds takes no memory. */
  #parts: number = partsMax
  #isClosed = false

  readonly #mayWait: () => boolean

  /** @param mayWait whether a call may be made again that would wait for a connection. One that goes on where it was may always. Default: it may */
  constructor(environment: SessionEnvironment, mayWait: () => boolean = () => true) {
    this.#environment = environment
    this.#mayWait = mayWait
  }

  /** A call has succeeded. */
  succeeded(): void {
    if (this.#parts < partsMax) this.#parts += 1
  }

  /**
   * Whether a call is made again.
   *
   * @returns how long the server said that it should wait for that, in milliseconds, mostly 0; undefined when it fails
   */
  delayMs(attempt: FailedAttempt): number | undefined {
    const { error, session, current, deadlineAtMs, moves, ifMayHaveRun } = attempt
    if (this.#isClosed || current === session || moves >= againLimits.movesMax) return undefined
    if (error.maybeExecuted && ifMayHaveRun === 'fail') return undefined
    if (ifMayHaveRun !== 'resume' && !this.#mayWait()) return undefined
    const { retryAfterMs = 0 } = error
    // Waiting for what comes too late would keep from the caller what the server said.
    const leftMs = deadlineAtMs === undefined ? Number.POSITIVE_INFINITY : deadlineAtMs - this.nowMs()
    if (retryAfterMs > againLimits.retryAfterMsMax || retryAfterMs >= leftMs) return undefined
    if (error.maybeExecuted && ifMayHaveRun === 'repeat' && !this.#takeToken()) return undefined
    return retryAfterMs
  }

  /**
   * The server of a session drains, and another session is open in its place. Streams that can go on do so there at once: one
   * without an end would only be given up at the end of the grace. All else finishes on its own session.
   */
  leave(session: Session): void {
    for (const stream of [...this.streams]) stream.leave(session)
  }

  /** On the clock of the sessions. */
  nowMs(): number {
    return this.#environment.nowMs()
  }

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

  /** The client was closed: no call is made again, and those that wait for it fail. Idempotent. */
  close(): void {
    this.#isClosed = true
    for (const over of this.#waits) over(false)
  }

  /** As gRPC counts them: each failure takes a token, also of a call that is not made again. */
  #takeToken(): boolean {
    this.#parts = Math.max(0, this.#parts - partsPerToken)
    return this.#parts > partsKept
  }
}
