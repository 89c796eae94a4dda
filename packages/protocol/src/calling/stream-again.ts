import { textOfThrown } from '../checks/thrown.ts'
import type { ProcedureEntry } from '../contract/bind-procedures.ts'
import { parseBody } from '../contract/parse-with.ts'
import { errorWithoutStack } from '../error-without-stack.ts'
import { asMayHaveRun, mayHaveRun } from '../may-have-run.ts'
import { RpcError } from '../rpc-error.ts'
import { type ArrivedItem, bodyOfItem } from '../session/common/arrived-item.ts'
import type { Session } from '../session/common/session-types.ts'
import { againLimits } from './again-limits.ts'
import type { AgainWait, CallsAgain } from './calls-again.ts'
import type { InterceptedCall } from './interceptor.ts'
import { withTimeLeft } from './time-left.ts'

/** The state of an attempt to make a stream call when its session ended. */
export interface FailedStream {
  readonly error: RpcError
  readonly session: Session
  readonly current: Session
  readonly deadlineAtMs: number | undefined
  /** The last item of all attempts, read or not. Undefined also if the procedure has no `resumeFrom`. */
  readonly last: ArrivedItem | undefined
  /** Whether its handler is known to have begun. */
  readonly hasBegun: boolean
}

/** The attempts of one stream call whose session was replaced. Not created for a stream that stays on its session. */
export class StreamAgain {
  readonly #again: CallsAgain
  readonly #entry: ProcedureEntry
  readonly #call: InterceptedCall
  #moves = 0
  #mayHaveRun = false
  #deadlineAtMs: number | undefined
  #last: ArrivedItem | undefined
  #madeAtMs = Number.NaN
  #wait: AgainWait | undefined
  #isOver = false

  constructor(again: CallsAgain, entry: ProcedureEntry, call: InterceptedCall) {
    this.#again = again
    this.#entry = entry
    this.#call = call
  }

  /**
   * An attempt has failed with its session.
   *
   * @returns the milliseconds after which the stream continues, or undefined if it ends here
   */
  delayMs({ last, hasBegun, ...attempt }: FailedStream): number | undefined {
    const livedMs = this.#again.nowMs() - this.#madeAtMs
    if (last !== this.#last || livedMs >= againLimits.attemptSettledMs) this.#moves = 0
    this.#last = last
    this.#deadlineAtMs = attempt.deadlineAtMs
    this.#mayHaveRun ||= attempt.error.maybeExecuted
    const { idempotent, resumeFrom } = this.#entry.procedure
    // Its items must not be repeated, and events since its start would be missed.
    if (hasBegun && resumeFrom === undefined) return undefined
    const ifMayHaveRun = resumeFrom !== undefined ? 'resume' : idempotent ? 'repeat' : 'fail'
    return this.#again.delayMs({ ...attempt, moves: this.#moves, ifMayHaveRun })
  }

  /** Returns the next call, which continues after the last item; undefined if it is not made after all. */
  async next(delayMs: number): Promise<InterceptedCall | undefined> {
    if (delayMs > 0) {
      this.#wait = this.#again.wait(delayMs)
      if (!(await this.#wait.over) || this.#isOver) return undefined
    }
    const last = this.#last
    if (last === undefined) return this.#made(this.#call)
    const input = await this.#inputBehind(last)
    return input === undefined ? undefined : this.#made({ ...this.#call, input: input.value })
  }

  /** The next attempt is no longer awaited. Idempotent. */
  end(): void {
    this.#isOver = true
    this.#wait?.end()
  }

  /** Adapts a failure of the stream, so that it states for all attempts whether one may have run. */
  ofAll(error: RpcError): RpcError {
    return this.#mayHaveRun ? asMayHaveRun(error, true, errorWithoutStack) : error
  }

  #made(call: InterceptedCall): InterceptedCall {
    this.#moves += 1
    this.#madeAtMs = this.#again.nowMs()
    return withTimeLeft(call, this.#deadlineAtMs, this.#madeAtMs)
  }

  /** Returns undefined after an invalid item: the reader gets the error when it reaches that item. */
  async #inputBehind(last: ArrivedItem): Promise<{ readonly value: unknown } | undefined> {
    const { procedure, fullName } = this.#entry
    const body = bodyOfItem(last)
    if (RpcError.is(body)) return undefined
    const item = await parseBody(procedure.items, body, { what: `an item of ${fullName}`, code: 'INTERNAL' })
    if (!item.ok) return undefined
    try {
      return { value: procedure.resumeFrom?.(this.#call.input as never, item.value as never) }
    } catch (cause) {
      const text = `resumeFrom of ${fullName} threw, so the stream cannot continue: ${textOfThrown(cause)}`
      throw errorWithoutStack('ABORTED', text, { cause, maybeExecuted: mayHaveRun.sentAndUnanswered })
    }
  }
}

/** The reason why a stream leaves a session that still exists. */
export function leaving(): RpcError {
  const text = 'the server is closing; the stream continues over another session'
  return errorWithoutStack('UNAVAILABLE', text, { maybeExecuted: mayHaveRun.sentAndUnanswered })
}
