import { RpcError, type RpcErrorOptions } from './rpc-error.ts'

/**
 * Whether a call that failed may have run (`maybeExecuted`), case by case: the one place that decides it. What stands in
 * no case is told by who knows: a failure says it of itself when a handler made it, and a caller passes on what the
 * callee said.
 */
export const mayHaveRun = {
  // At the caller.
  /** The call was never sent: it was refused here, no slot became free, or the peer did not accept this side. */
  notSent: false,
  /** It was sent, and given up here: cancelled, past its deadline, or the connection ended before the answer. */
  sentAndUnanswered: true,
  /** It was sent, and the peer has said that it took no call of so high an id. */
  notTaken: false,
  /** The callee has answered, or sent an item, and this side cannot use it: too long, no JSON, not what the contract says. */
  answerUnusable: true,
  /** An interceptor failed before it passed the call on. */
  interceptedBefore: false,
  /** An interceptor failed and had passed the call on. */
  interceptedAfter: true,

  // At the callee.
  /** No handler was begun: the call was refused, its input was not whole or not valid. */
  notBegun: false,
  /** The handler was begun, and nobody waits for its answer any more: a cancel, a deadline, an end of the session. */
  begunAndGivenUp: true,
  /** The handler was begun, and reads an item of its caller that is not valid, or no JSON. */
  itemUnusable: true,
  /** The handler was begun, and broke, or gave what cannot be sent. */
  handlerBroke: true,
} as const

/**
 * The same failure, saying whether the call may have run: itself when it says so already.
 *
 * @param make what makes the other one
 */
export function asMayHaveRun(error: RpcError, maybeExecuted: boolean, make = newError): RpcError {
  if (error.maybeExecuted === maybeExecuted) return error
  const { code, message, data, retryAfterMs, procedure, cause } = error
  return make(code, message, { data, maybeExecuted, retryAfterMs, procedure, cause })
}

function newError(code: string, message: string, options: RpcErrorOptions): RpcError {
  return new RpcError(code, message, options)
}
