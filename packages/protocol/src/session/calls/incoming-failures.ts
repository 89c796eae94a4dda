import { errorWithoutStack } from '../../error-without-stack.ts'
import { asMayHaveRun, mayHaveRun } from '../../may-have-run.ts'
import type { RpcError } from '../../rpc-error.ts'

/** The failures of calls of the peer. */

export function givenUp(reason: RpcError): RpcError {
  return asMayHaveRun(reason, mayHaveRun.begunAndGivenUp, errorWithoutStack)
}

export function broken(problem: string): RpcError {
  return errorWithoutStack('INTERNAL', problem, { maybeExecuted: mayHaveRun.handlerBroke })
}

export function deadlinePassed(): RpcError {
  return errorWithoutStack('DEADLINE_EXCEEDED', 'the deadline of the call has passed')
}

/** The call exceeds a limit of this side. */
export function exhausted(text: string): RpcError {
  return errorWithoutStack('RESOURCE_EXHAUSTED', text)
}
