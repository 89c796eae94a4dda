import { types } from 'node:util'
import { describeValue } from '../arguments/describe-value.ts'
import { IocpError } from '../iocp-error.ts'

/** Code that aborts with what it caught may have caught anything: it aborts, and `close` gets an error. */
export function asReason(given: unknown): Error | undefined {
  if (given === undefined || given === null) return undefined
  if (isError(given)) return given
  return new IocpError('ABORTED', {
    detail: `abort got ${describeValue(given)}, which is not an Error`,
    cause: given,
  })
}

/** In every realm. A proxy of an Error is one, too; asking a revoked one throws. */
function isError(given: unknown): given is Error {
  try {
    return given instanceof Error || types.isNativeError(given)
  } catch {
    return false
  }
}
