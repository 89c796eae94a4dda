import type { RpcError, StandardRpcCode } from '../rpc-error.ts'
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
