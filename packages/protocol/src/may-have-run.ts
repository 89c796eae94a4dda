import { RpcError, type RpcErrorOptions } from './rpc-error.ts'

/**
 * Whether a failed call may have run (`maybeExecuted`), case by case: the only place that decides it. In all other
 * cases the failure itself states it, if a handler created it, or the caller passes on the callee's statement.
 */
export const mayHaveRun = {
  // At the caller.
  /** The call was never sent: it was refused here, no slot became free, or the peer did not accept this side. */
  notSent: false,
  /** It was sent, and ended here: it was cancelled, its deadline passed, or the connection ended before the answer. */
  sentAndUnanswered: true,
  /** It was sent, but the peer has reported that it accepted no call with such a high id. */
  notTaken: false,
  /**
   * The callee has answered, or sent an item, and this side cannot use it: it is too long, not JSON, or does not match
   * the contract.
   */
  answerUnusable: true,
  /** An interceptor failed before it forwarded the call. */
  interceptedBefore: false,
  /** An interceptor failed after it had forwarded the call. */
  interceptedAfter: true,

  // At the callee.
  /** No handler has begun: the call was refused, or its input was incomplete or invalid. */
  notBegun: false,
  /**
   * The handler had begun, and the caller no longer waits: it was cancelled, its deadline passed, or the session ended.
   */
  begunAndGivenUp: true,
  /** The handler had begun, and reads an item of its caller that is invalid, or not JSON. */
  itemUnusable: true,
  /** The handler has begun, and threw, or gave something that cannot be sent. */
  handlerBroke: true,
} as const

/**
 * Returns the same failure with this statement; the error itself if it already has it.
 *
 * @param make creates the other error
 */
export function asMayHaveRun(error: RpcError, maybeExecuted: boolean, make = newError): RpcError {
  if (error.maybeExecuted === maybeExecuted) return error
  const { code, message, data, retryAfterMs, procedure, cause } = error
  return make(code, message, { data, maybeExecuted, retryAfterMs, procedure, cause })
}

function newError(code: string, message: string, options: RpcErrorOptions): RpcError {
  return new RpcError(code, message, options)
}
