import type { FailureOf } from '../contract/failures.ts'
import type { Procedure } from '../contract/procedure.ts'
import { RpcError } from '../rpc-error.ts'
import { procedureOfFailure } from './failure-of-call.ts'

/**
 * Whether something that was caught is the failure of a call of `procedure`, unary or stream: its code is one of the contract
 * or a standard one, and the data of an own code have been validated.
 *
 * ```ts
 * try {
 *   for await (const line of client.watch({ room })) show(line)
 * } catch (error) {
 *   if (!isErrorOf(chat.procedures.watch, error)) throw error
 *   if (error.code === 'ROOM_CLOSED') goTo(error.data.successor)
 * }
 * ```
 *
 * False for everything else: failures of other procedures, and what an interceptor threw itself.
 */
export function isErrorOf<P extends Procedure>(procedure: P, error: unknown): error is FailureOf<P> {
  return RpcError.is(error) && procedureOfFailure(error) === procedure
}
