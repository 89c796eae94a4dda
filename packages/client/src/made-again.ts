import { RpcError } from '@frameport/protocol'

/** The same failure, made where somebody awaits it: that is in its stack then. */
export function madeAgain({ code, message, data, maybeExecuted, retryAfterMs, cause }: RpcError): RpcError {
  return new RpcError(code, message, { data, maybeExecuted, retryAfterMs, cause })
}
