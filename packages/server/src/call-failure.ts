import { isStandardCode, type Procedure, RpcError } from '@frameport/protocol'

/**
 * What the client is told of an error that a handler or a middleware threw: an RpcError with a standard code or one
 * that the procedure declares goes as it is; anything else is INTERNAL, since its text may say what strangers must not know.
 *
 * @param reference where the log has the whole of it
 */
export function failureToSend(error: unknown, procedure: Procedure, reference: string): RpcError {
  if (isTellable(error, procedure)) return error
  return new RpcError('INTERNAL', `The handler failed. The server's log has the reason under ${reference}.`, {
    cause: error,
  })
}

function isTellable(error: unknown, procedure: Procedure): error is RpcError {
  if (!RpcError.is(error)) return false
  return isStandardCode(error.code) || Object.hasOwn(procedure.errors, error.code)
}

/** A defect of the server's own code, to be logged as an error; all others are the caller's business. */
export function isDefect(failure: RpcError): boolean {
  return failure.code === 'INTERNAL'
}
