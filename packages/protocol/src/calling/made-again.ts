import { RpcError } from '../rpc-error.ts'

/** The same failure, made where somebody awaits it: that is in its stack then. */
export function madeAgain(error: RpcError, procedure: string | undefined = error.procedure): RpcError {
  const { code, message, data, maybeExecuted, retryAfterMs, cause } = error
  return new RpcError(code, message, { procedure, data, maybeExecuted, retryAfterMs, cause })
}
