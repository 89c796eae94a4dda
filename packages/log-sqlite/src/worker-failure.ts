import type { PackedError } from './messages.ts'
import { SqliteLogError } from './sqlite-log-error.ts'

/** Makes an error of the thread again in the main thread, with the stack of the caller. */
export function errorOf({ code, detail, cause }: PackedError): SqliteLogError {
  if (cause === undefined) return new SqliteLogError(code, detail)
  return new SqliteLogError(code, detail, {
    cause: Object.assign(new Error(cause.message), cause.code === undefined ? {} : { code: cause.code }),
  })
}
