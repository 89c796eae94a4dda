import { RpcError, type StandardRpcCode } from '../rpc-error.ts'
import { isStandardCode } from '../standard-codes.ts'
import { parseWith } from './parse-with.ts'
import type { Procedure } from './procedure.ts'
import type { ReceivedType } from './schema.ts'

/** A failure with one of a procedure's own codes: its data has been validated by the receiver. */
export interface ContractError<Code extends string, Data> extends RpcError<Code, Data> {
  readonly data: Data
}

/** The type of the data of each own error code. */
export type ErrorData = object

/** The failures with own codes, as a union to tell apart by `code`. `never` without own codes. */
export type OwnFailure<Data extends ErrorData> = {
  readonly [Code in keyof Data & string]: ContractError<Code, Data[Code]>
}[keyof Data & string]

/** Every failure a call can end with: the procedure's own codes and the standard ones. */
export type Failure<Data extends ErrorData> = OwnFailure<Data> | RpcError<StandardRpcCode>

/** Every failure a call of procedure `P` can end with: `FailureOf<typeof chat.procedures.join>`. */
export type FailureOf<P extends Procedure> = Failure<{
  readonly [Code in keyof P['errors']]: ReceivedType<P['errors'][Code]>
}>

/**
 * What a caller is given for a failure that came from the peer, or from the session: another RpcError, whose stack has those
 * who await this function. It names the procedure, and keeps `maybeExecuted`, `retryAfterMs` and the cause.
 *
 * The data of an own code are validated; data that do not fit give INTERNAL. A code that is neither standard nor declared
 * (the peer is newer) gives UNKNOWN. The failure as it came is the cause of those. Never throws.
 *
 * @param fullName of the procedure: `chat/join`
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
