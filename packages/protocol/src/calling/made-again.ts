import { RpcError } from '../rpc-error.ts'

/** Makes the same failure again where it is awaited, so that its stack has that place. */
export function madeAgain(error: RpcError, procedure: string | undefined = error.procedure): RpcError {
  const { code, message, data, maybeExecuted, retryAfterMs, cause } = error
  return new RpcError(code, message, { procedure, data, maybeExecuted, retryAfterMs, cause })
}
