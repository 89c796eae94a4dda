import { types } from 'node:util'
import { describeValue } from '../arguments/describe-value.ts'
import { IocpError } from '../iocp-error.ts'

/** Code that aborts with a caught value may have caught anything: the abort works, and `close` gets an error. */
export function asReason(given: unknown): Error | undefined {
  if (given === undefined || given === null) return undefined
  if (isError(given)) return given
  return new IocpError('ABORTED', {
    detail: `abort got ${describeValue(given)}, which is not an Error`,
    cause: given,
  })
}

/** Works in every realm. A proxy of an Error is accepted, too; checking a revoked one throws. */
function isError(given: unknown): given is Error {
  try {
    return given instanceof Error || types.isNativeError(given)
  } catch {
    return false
  }
}
