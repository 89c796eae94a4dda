import type { ProcedureEntry } from '../contract/bind-procedures.ts'
import { parseFailure } from '../contract/failures.ts'
import type { Procedure } from '../contract/procedure.ts'
import type { RpcError } from '../rpc-error.ts'
import type { CallServices } from './call-services.ts'

/** The procedure whose contract a failure was checked against. */
const checkedFor = new WeakMap<RpcError, Procedure>()

/**
 * Converts the session's error of a call to that for its caller. It must be awaited in an async function that the
 * caller awaits: the caller is then in its stack.
 *
 * @param deadlineAtMs of the call, on the clock of the session
 */
export async function failureOfCall(
  services: Pick<CallServices, 'explain' | 'explainMismatch'>,
  entry: ProcedureEntry,
  settled: RpcError,
  deadlineAtMs?: number,
): Promise<RpcError> {
  // A call may fail before any promise of it was awaited. Its stack would then be full of internal functions;
  // after an `await`, only the waiting ones are in it.
  await undefined
  const failure = await parseFailure(entry.procedure, entry.fullName, services.explain(settled))
  return await explainedFailure(services, entry, failure, deadlineAtMs)
}

/** A failure for the caller, with more details if different versions of the procedure may be the cause. */
export async function explainedFailure(
  services: Pick<CallServices, 'explainMismatch'>,
  entry: ProcedureEntry,
  failure: RpcError,
  deadlineAtMs: number | undefined,
): Promise<RpcError> {
  return checkedFailure(entry.procedure, await services.explainMismatch(entry, failure, deadlineAtMs))
}

/**
 * Notes that the code and the data of a failure match the contract of `procedure`, for `isErrorOf`.
 *
 * @returns the failure
 */
export function checkedFailure(procedure: Procedure, failure: RpcError): RpcError {
  checkedFor.set(failure, procedure)
  return failure
}

/** Returns the procedure whose failure this is; undefined for an error that does not come from a call. */
export function procedureOfFailure(error: RpcError): Procedure | undefined {
  return checkedFor.get(error)
}
