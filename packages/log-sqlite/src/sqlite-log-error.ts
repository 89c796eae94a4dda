import { asSentence } from '@frameport/protocol/checks'
import { type SqliteLogErrorCode, sqliteLogErrorCodes } from './error-codes.ts'

/** What came before the sentences of the table: an error that crosses threads is made anew from it. */
const details = new WeakMap<SqliteLogError, string>()

const brand = Symbol.for('frameport.SqliteLogError')

/** A failure of a log in a SQLite file, or a wrong use of it. */
export class SqliteLogError extends Error {
  readonly [brand] = true
  readonly code: SqliteLogErrorCode

  constructor(code: SqliteLogErrorCode, detail?: string, options: { readonly cause?: unknown } = {}) {
    super(textOf(code, detail), options.cause === undefined ? undefined : { cause: options.cause })
    this.name = 'SqliteLogError'
    this.code = code
    if (detail !== undefined) details.set(this, detail)
  }

  /** True for a SqliteLogError of any copy of this package. */
  static is(value: unknown): value is SqliteLogError {
    try {
      // Anything can be thrown: null throws here, and so may a Proxy.
      return typeof value === 'object' && brand in (value as object)
    } catch {
      return false
    }
  }
}

/** The details of these say what is wrong and what is expected: the sentences of the table would only say it in general. */
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
