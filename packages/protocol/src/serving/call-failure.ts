import { isDuration } from '../checks/milliseconds.ts'
import type { Procedure } from '../contract/procedure.ts'
import { errorWithoutStack } from '../error-without-stack.ts'
import { mayHaveRun } from '../may-have-run.ts'
import { ProtocolError } from '../protocol-error.ts'
import { RpcError } from '../rpc-error.ts'
import { isStandardCode } from '../standard-codes.ts'

/**
 * Returns the error for the caller when a handler or a middleware threw: an RpcError with a standard code or one that
 * the procedure declares is sent as it is; anything else becomes INTERNAL, because its text may be confidential. Of the
 * failure of another call, which the handler let through, only the code is sent: the text and the place of the other
 * side are not for this caller. A handler that wants to pass them on throws an error of its own.
 *
 * @param whole a sentence about the place of the full error: `The server's log has the reason under c1/5.`
 */
export function failureToSend(error: unknown, procedure: Procedure, whole: string): RpcError {
  return (
    tellable(error, procedure, whole) ??
    errorWithoutStack('INTERNAL', `The handler failed. ${whole}`, {
      maybeExecuted: mayHaveRun.handlerBroke,
      cause: error,
    })
  )
}

/**
 * Copies the error, because any object may have the brand: each part is read once and checked. The message of an
 * RpcError must be a string.
 */
function tellable(error: unknown, procedure: Procedure, whole: string): RpcError | undefined {
  if (!RpcError.is(error)) return undefined
  try {
    const { code, message, data, maybeExecuted, retryAfterMs } = error
    if (typeof code !== 'string') return undefined
    const isOwn = Object.hasOwn(procedure.errors, code)
    if (!isStandardCode(code) && !isOwn) return undefined
    const isForeign = isOfOtherCall(error)
    const text = isForeign ? `A call that the handler made has failed. ${whole}` : message
    return errorWithoutStack(code, text, {
      data: isForeign && !isOwn ? undefined : data,
      // A failure that this side creates may come after the handler has run; a handler sets the flag itself.
      maybeExecuted: maybeExecuted === true || (code === 'INTERNAL' && mayHaveRun.handlerBroke),
      retryAfterMs: isDuration(retryAfterMs) ? retryAfterMs : undefined,
      cause: error,
    })
  } catch {
    return undefined
  }
}

/**
 * Returns the ProtocolError behind an RpcError of the session for unsendable data: it is this side's own error, and its
 * text may quote user code, which must not reach the caller. Any other error is returned as it is.
 */
export function reasonOf(error: unknown): unknown {
  return RpcError.is(error) && ProtocolError.is(error.cause) ? error.cause : error
}

/** Whether an error is the failure of a call that a handler made, and did not handle. */
export function isOfOtherCall(error: unknown): boolean {
  try {
    return RpcError.is(error) && error.procedure !== undefined
  } catch {
    return false // A getter threw.
  }
}

/** Returns the code of an RpcError that is neither standard nor declared by its procedure; otherwise undefined. */
export function undeclaredCode(error: unknown, { errors }: Procedure): unknown {
  try {
    if (!RpcError.is(error)) return undefined
    const { code } = error
    return isStandardCode(code) || Object.hasOwn(errors, code) ? undefined : code
  } catch {
    return undefined // A getter threw.
  }
}

/** Whether a failure is a bug of this side, to be logged as an error; all others concern the caller. */
export function isDefect(failure: RpcError): boolean {
  return failure.code === 'INTERNAL'
}
