import type { FailureOf } from '../contract/failures.ts'
import type { Procedure } from '../contract/procedure.ts'
import { RpcError } from '../rpc-error.ts'
import { procedureOfFailure } from './failure-of-call.ts'

/**
 * Returns whether a caught value is the failure of a call of `procedure`: its code is one of the procedure's own or a
 * standard one, and the data of an own code have been validated. Works for procedures with one answer and for
 * streams.
 *
 * Returns false for everything else: failures of other procedures, and errors that an interceptor threw itself.
 *
 * @example
 * try {
 *   for await (const line of client.watch({ room })) show(line)
 * } catch (error) {
 *   if (!isErrorOf(chat.procedures.watch, error)) throw error
 *   if (error.code === 'ROOM_CLOSED') goTo(error.data.successor)
 * }
 */
export function isErrorOf<P extends Procedure>(procedure: P, error: unknown): error is FailureOf<P> {
  return RpcError.is(error) && procedureOfFailure(error) === procedure
}
