import { asSentence } from '@frameport/protocol/checks'
import { type SqliteLogErrorCode, sqliteLogErrorCodes } from './error-codes.ts'

/** The detail of each error, from which an error that crosses threads is made again. */
const details = new WeakMap<SqliteLogError, string>()

const brand = Symbol.for('frameport.SqliteLogError')

/**
 * An error of this package: a failure of the log or of its file, or wrong usage. Branch on `code`: its values are stable, the text is not. `cause` holds the
 * error of SQLite or of the system, if there was one.
 */
export class SqliteLogError extends Error {
  readonly [brand] = true
  /** The stable code. {@link sqliteLogErrorCodes} explains each one. */
  readonly code: SqliteLogErrorCode

  constructor(code: SqliteLogErrorCode, detail?: string, options: { readonly cause?: unknown } = {}) {
    super(textOf(code, detail), options.cause === undefined ? undefined : { cause: options.cause })
    this.name = 'SqliteLogError'
    this.code = code
    if (detail !== undefined) details.set(this, detail)
  }

  /** Returns true if `value` is a SqliteLogError, of any copy of this package. Use it instead of `instanceof`. */
  static is(value: unknown): value is SqliteLogError {
    try {
      // `in` throws for null, and may throw for a Proxy.
      return typeof value === 'object' && brand in (value as object)
    } catch {
      return false
    }
  }
}

/** Codes whose details already say what is expected, so the text needs no general sentences. */
const saidByDetail: ReadonlySet<SqliteLogErrorCode> = new Set<SqliteLogErrorCode>([
  'INVALID_LIMITS',
  'INVALID_OPTION',
])

function textOf(code: SqliteLogErrorCode, detail: string | undefined): string {
  const { happened, fix } = sqliteLogErrorCodes[code]
  if (detail === undefined) return `${happened} ${fix}`
  if (saidByDetail.has(code)) return asSentence(detail)
  return `${asSentence(detail)} ${happened} ${fix}`
}

export function detailOf(error: SqliteLogError): string | undefined {
  return details.get(error)
}
