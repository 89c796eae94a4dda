import { RpcError, type StandardRpcCode } from '../rpc-error.ts'
import { isStandardCode } from '../standard-codes.ts'
import { parseWith } from './parse-with.ts'
import type { Procedure } from './procedure.ts'
import type { ReceivedType } from './schema.ts'

/** A failure with one of the procedure's own codes. The receiver has validated its data. */
export interface ContractError<Code extends string, Data> extends RpcError<Code, Data> {
  /** The data that the contract declares for the code. */
  readonly data: Data
}

/** Maps each own error code of a procedure to the type of its data. */
export type ErrorData = object

/** The failures with own codes, as a union to be told apart by `code`. `never` for a procedure without own codes. */
export type OwnFailure<Data extends ErrorData> = {
  readonly [Code in keyof Data & string]: ContractError<Code, Data[Code]>
}[keyof Data & string]

/** Every failure with which a call can end: the procedure's own codes and the standard ones. */
export type Failure<Data extends ErrorData> = OwnFailure<Data> | RpcError<StandardRpcCode>

/**
 * Every failure with which a call of procedure `P` can end.
 *
 * @example
 * type JoinFailure = FailureOf<typeof chat.procedures.join>
 */
export type FailureOf<P extends Procedure> = Failure<{
  readonly [Code in keyof P['errors']]: ReceivedType<P['errors'][Code]>
}>

/**
 * Makes the error for the caller from a failure that came from the peer or from the session. It is a new RpcError,
 * whose stack has the place where this function is awaited. It names the procedure, and keeps `maybeExecuted` and
 * `retryAfterMs`.
 *
 * The data of an own code are validated. Data that do not match give INTERNAL, and a code that is neither standard
 * nor declared, which a newer peer may send, gives UNKNOWN; the original failure is the `cause` of both. Never
 * rejects.
 *
 * @param fullName the full name of the procedure: `chat/join`
 */
export async function parseFailure(
  procedure: Procedure,
  fullName: string,
  failure: RpcError,
): Promise<RpcError> {
  const { code, message, maybeExecuted, retryAfterMs } = failure
  const known = { maybeExecuted, retryAfterMs, procedure: fullName }
  const schema = Object.hasOwn(procedure.errors, code) ? procedure.errors[code] : undefined
  if (schema === undefined) {
    if (isStandardCode(code)) {
      return new RpcError(code, message, { ...known, data: failure.data, cause: failure.cause })
    }
    const text = `${fullName} failed with ${code}, which its contract does not declare here: ${message}`
    return new RpcError('UNKNOWN', text, { ...known, cause: failure })
  }
  const options = { what: `the data of failure ${code} of ${fullName}`, code: 'INTERNAL' } as const
  const parsed = await parseWith(schema, failure.data, options)
  if (parsed.ok) return new RpcError(code, message, { ...known, data: parsed.value })
  const { error } = parsed
  return new RpcError('INTERNAL', error.message, { ...known, data: error.data, cause: failure })
}
