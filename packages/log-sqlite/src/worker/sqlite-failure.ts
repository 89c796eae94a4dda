import type { SqliteLogErrorCode } from '../error-codes.ts'
import type { PackedError } from '../messages.ts'
import { detailOf, SqliteLogError } from '../sqlite-log-error.ts'

/** Primary result codes of SQLite: https://www.sqlite.org/rescode.html */
const codes: Readonly<Record<number, SqliteLogErrorCode>> = {
  1: 'FILE_DAMAGED', // ERROR: the statements are right, so what they name is not there
  3: 'CANNOT_OPEN', // PERM
  5: 'FILE_IN_USE', // BUSY
  6: 'FILE_IN_USE', // LOCKED
  8: 'CANNOT_OPEN', // READONLY
  10: 'IO_FAILED', // IOERR
  11: 'FILE_DAMAGED', // CORRUPT
  13: 'DISK_FULL', // FULL
  14: 'CANNOT_OPEN', // CANTOPEN
  26: 'FILE_DAMAGED', // NOTADB
}

/** The same for errors of `node:fs`. */
const systemCodes: Readonly<Record<string, SqliteLogErrorCode>> = {
  EACCES: 'CANNOT_OPEN',
  EPERM: 'CANNOT_OPEN',
  EROFS: 'CANNOT_OPEN',
  ENOENT: 'CANNOT_OPEN',
  ENOTDIR: 'CANNOT_OPEN',
  EISDIR: 'CANNOT_OPEN',
  ELOOP: 'CANNOT_OPEN',
  ENAMETOOLONG: 'CANNOT_OPEN',
  ENOSPC: 'DISK_FULL',
  EDQUOT: 'DISK_FULL',
}

/** Converts an error of SQLite or the system to an error of this package. An unexpected one counts as a failure to read or write. */
export function failureOf(error: unknown, detail?: string): SqliteLogError {
  if (SqliteLogError.is(error)) return error
  const { code, rawCode, message } = error as { code?: unknown; rawCode?: unknown; message?: unknown }
  // If opening fails, SQLite's error number is only in the text.
  const number = typeof rawCode === 'number' ? rawCode : Number(/: (\d+)"?\)?$/.exec(String(message))?.[1])
  const known = codes[number & 0xff] ?? systemCodes[String(code)] ?? 'IO_FAILED'
  return new SqliteLogError(known, detail, { cause: error })
}

export function packError(error: unknown): PackedError {
  const failure = failureOf(error)
  const { code, cause } = failure
  return { code, detail: detailOf(failure), cause: cause === undefined ? undefined : packCause(cause) }
}

function packCause(cause: unknown): PackedError['cause'] {
  const { message, code } = cause as { message?: unknown; code?: unknown }
  return { message: String(message ?? cause), code: typeof code === 'string' ? code : undefined }
}
