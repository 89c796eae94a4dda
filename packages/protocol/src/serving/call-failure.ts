import { isDuration } from '../checks/milliseconds.ts'
import type { Procedure } from '../contract/procedure.ts'
import { errorWithoutStack } from '../error-without-stack.ts'
import { mayHaveRun } from '../may-have-run.ts'
import { ProtocolError } from '../protocol-error.ts'
import { RpcError } from '../rpc-error.ts'
import { isStandardCode } from '../standard-codes.ts'

/**
 * What the caller is told of an error that a handler or a middleware threw: an RpcError with a standard code or one
 * that the procedure declares goes as it is; anything else is INTERNAL, since its text may say what strangers must not know.
 * Of the failure of another call, which the handler let through, only the code goes on: what the other side said, and where
 * it is, is not for the caller of this one. A handler that wants to tell it throws an error of its own.
 *
 * @param whole a sentence that says where the whole of it is: `The server's log has the reason under c1/5.`
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
 * A copy, since what was thrown may be anything with the brand: each part is read here, once, and looked at. An RpcError
 * is not made of a message that is no text.
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
      // A failure of this side's own making may come after the handler has run; what a handler gives says so itself.
      maybeExecuted: maybeExecuted === true || (code === 'INTERNAL' && mayHaveRun.handlerBroke),
      retryAfterMs: isDuration(retryAfterMs) ? retryAfterMs : undefined,
      cause: error,
    })
  } catch {
    return undefined
  }
}

/**
 * What a session could not send, for the ProtocolError that says why: it is this side's own fault and may quote what
 * its code threw, which an RpcError of the session would tell the caller. Any other error as it is.
 */
export function reasonOf(error: unknown): unknown {
  return RpcError.is(error) && ProtocolError.is(error.cause) ? error.cause : error
}

/** Whether an error is the failure of a call that a handler made, and did not handle. */
export function isOfOtherCall(error: unknown): boolean {
  try {
    return RpcError.is(error) && error.procedure !== undefined
  } catch {
    return false // A getter throws.
  }
}

/** The code of an RpcError that is neither standard nor among those of its procedure; undefined for anything else. */
export function undeclaredCode(error: unknown, { errors }: Procedure): unknown {
  try {
    if (!RpcError.is(error)) return undefined
    const { code } = error
    return isStandardCode(code) || Object.hasOwn(errors, code) ? undefined : code
  } catch {
    return undefined // A getter throws.
  }
}

/** A defect of this side's own code, to be logged as an error; all others are the caller's business. */
export function isDefect(failure: RpcError): boolean {
  return failure.code === 'INTERNAL'
}
