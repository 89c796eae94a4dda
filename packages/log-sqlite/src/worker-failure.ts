import type { PackedError } from './messages.ts'
import { SqliteLogError } from './sqlite-log-error.ts'

/** An error of the thread, made anew where somebody waits for it: it has the stack of the one who asked. */
export function errorOf({ code, detail, cause }: PackedError): SqliteLogError {
  if (cause === undefined) return new SqliteLogError(code, detail)
  return new SqliteLogError(code, detail, {
    cause: Object.assign(new Error(cause.message), cause.code === undefined ? {} : { code: cause.code }),
  })
}
