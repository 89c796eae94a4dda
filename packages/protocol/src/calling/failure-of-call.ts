import type { ProcedureEntry } from '../contract/bind-procedures.ts'
import { parseFailure } from '../contract/failures.ts'
import type { Procedure } from '../contract/procedure.ts'
import type { RpcError } from '../rpc-error.ts'
import type { CallServices } from './call-services.ts'

/** The procedure whose contract a failure was checked against. */
const checkedFor = new WeakMap<RpcError, Procedure>()

/**
 * The failure of a call as its caller gets it, made of what the session settled the call with. It has to be awaited in an
 * async function that the caller awaits: the caller is in its stack then.
 *
 * @param deadlineAtMs of the call, on the clock of the session
 */
export async function failureOfCall(
  services: Pick<CallServices, 'explain' | 'explainMismatch'>,
  entry: ProcedureEntry,
  settled: RpcError,
  deadlineAtMs?: number,
): Promise<RpcError> {
  // A call may fail before anything of it was awaited. The functions between it and its caller would fill the stack then;
  // behind an await only those of them are in it that wait.
  await undefined
  const failure = await parseFailure(entry.procedure, entry.fullName, services.explain(settled))
  return await explainedFailure(services, entry, failure, deadlineAtMs)
}

/** A failure that was made for its caller, which says more when it may come of different versions of the procedure. */
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

/** The procedure whose failure this is; undefined for whatever did not come from a call. */
export function procedureOfFailure(error: RpcError): Procedure | undefined {
  return checkedFor.get(error)
}
