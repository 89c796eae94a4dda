import { describeValue, wrongKind } from '../checks/check-value.ts'
import { unknownName } from '../checks/nearest-name.ts'
import { checking, readOnce } from '../checks/unreadable.ts'
import type { ErrorData } from '../contract/failures.ts'
import type { Procedure } from '../contract/procedure.ts'
import { ProtocolError } from '../protocol-error.ts'
import { RpcError } from '../rpc-error.ts'

/** Details of a failure besides its code and its data. */
export interface FailureDetails {
  /** The message for people. Default: the code. */
  readonly message?: string | undefined
  /** Milliseconds that the caller should wait before it tries again, from 0 on. Default: absent. */
  readonly retryAfterMs?: number | undefined
  /** The cause for logs. It is never sent. */
  readonly cause?: unknown
}

/**
 * The `errors` argument of a handler: a function for each error code that the procedure declares. It returns the
 * typed error, to be thrown. It throws ProtocolError INVALID_OPTION for unknown details, and INVALID_FIELD for a
 * wrong `retryAfterMs`.
 *
 * @example
 * throw errors.NAME_TAKEN({ suggestion: 'ada2' }, 'ada is taken')
 */
export type ErrorConstructors<Data extends ErrorData> = {
  // Over all keys and not only the texts: so an editor gets from here to the contract, and can rename a code.
  readonly [Code in keyof Data]: undefined extends Data[Code]
    ? (data?: Data[Code], details?: string | FailureDetails) => RpcError<Code & string, Data[Code]>
    : (data: Data[Code], details?: string | FailureDetails) => RpcError<Code & string, Data[Code]>
}

/** The `errors` argument of a handler without its types. */
export type ErasedErrorConstructors = Readonly<
  Record<string, (data?: unknown, details?: string | FailureDetails) => RpcError>
>

/** Builds what a handler gets as `errors`. The text defaults to the code. */
export function errorConstructors(procedure: Procedure): ErasedErrorConstructors {
  const makers = Object.keys(procedure.errors).map((code) => [
    code,
    (data?: unknown, details?: string | FailureDetails) => {
      const { message = code, retryAfterMs, cause } = checkedDetails(code, details)
      return new RpcError(code, message, { data, retryAfterMs, cause })
    },
  ])
  return Object.freeze(Object.fromEntries(makers))
}

const detailNames: readonly (keyof FailureDetails)[] = ['message', 'retryAfterMs', 'cause']

/** @throws ProtocolError `INVALID_OPTION` */
function checkedDetails(code: string, given: string | FailureDetails | undefined): FailureDetails {
  if (given === undefined) return {}
  if (typeof given === 'string') return { message: given }
  const what = `the second argument of errors.${code}`
  return checking(() => {
    if (typeof given !== 'object' || given === null)
      refuse(`${what} is ${describeValue(given)}, not a string or { message, retryAfterMs, cause }`)
    refuse(unknownName(what, given, detailNames))
    const details = readOnce(given, detailNames)
    refuse(wrongKind(`message in ${what}`, details.message, 'string'))
    return details
  }, refusal)
}

function refuse(problem: string | undefined): void {
  if (problem !== undefined) throw refusal(problem)
}

function refusal(problem: string, options: { readonly cause?: unknown } = {}): ProtocolError {
  return new ProtocolError('INVALID_OPTION', problem, options)
}
