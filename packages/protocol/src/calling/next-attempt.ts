import type { ProcedureEntry } from '../contract/bind-procedures.ts'
import type { RpcError } from '../rpc-error.ts'
import type { Session } from '../session/common/session-types.ts'
import type { CallServices } from './call-services.ts'
import type { CallsAgain } from './calls-again.ts'
import type { InterceptedCall } from './interceptor.ts'
import { withTimeLeft } from './time-left.ts'
import type { Upload } from './upload.ts'

/** The state of the attempts before the current one. */
export interface EarlierAttempts {
  /** The call as it is made now: with its remaining time. */
  readonly call: InterceptedCall
  /** The number of earlier repetitions. */
  readonly moves: number
  /** Whether one of them may have run. */
  readonly mayHaveRun: boolean
  /** The items of the last attempt, which this one sends again. */
  readonly upload: Upload | undefined
}

/** The result of an attempt. */
export interface FailedCall {
  readonly error: RpcError
  readonly session: Session
  readonly deadlineAtMs: number | undefined
  readonly upload: Upload | undefined
  /** The state of the attempts before it. */
  readonly before: EarlierAttempts | undefined
}

/** Returns the next attempt of a call with at most one answer, once it may be made; undefined if the call fails. */
export async function nextAttempt(
  again: CallsAgain,
  services: CallServices,
  { procedure }: ProcedureEntry,
  call: InterceptedCall,
  { error, session, deadlineAtMs, upload, before }: FailedCall,
): Promise<EarlierAttempts | undefined> {
  if (upload?.canGoAgain === false) return undefined
  const moves = before?.moves ?? 0
  const ifMayHaveRun = procedure.idempotent ? 'repeat' : 'fail'
  const current = services.session
  const delayMs = again.delayMs({ error, session, current, deadlineAtMs, moves, ifMayHaveRun })
  if (delayMs === undefined) return undefined
  if (delayMs > 0 && !(await waited(again, services, call, delayMs))) return undefined
  const mayHaveRun = before?.mayHaveRun === true || error.maybeExecuted
  const next = withTimeLeft(call, deadlineAtMs, again.nowMs())
  return { call: next, moves: moves + 1, mayHaveRun, upload }
}

/**
 * Returns false if the client was closed meanwhile. A call whose signal is aborted continues, and notices that itself.
 */
async function waited(
  again: CallsAgain,
  { signals }: CallServices,
  { signal }: InterceptedCall,
  delayMs: number,
): Promise<boolean> {
  if (signal?.aborted) return true
  const wait = again.wait(delayMs)
  if (signal !== undefined) signals.add(signal, wait.end)
  const goesOn = await wait.over
  if (signal !== undefined) signals.remove(signal, wait.end)
  return goesOn
}
