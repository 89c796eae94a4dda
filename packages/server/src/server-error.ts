import { hasBrand } from '@frameport/framing/checks'
import { asSentence } from '@frameport/protocol/checks'
import { type ServerErrorCode, serverErrorCodes } from './error-codes.ts'

const brand = Symbol.for('frameport.ServerError')

/**
 * A wrong use of a server, or a failure of a part that it was given, such as a log or a bus. The text says what
 * happened and what to do; docs/errors.md lists all codes. Calls fail with an RpcError, listeners with an IocpError.
 */
export class ServerError extends Error {
  readonly [brand] = true
  /** The code of the error, which is stable: `INVALID_OPTION`. */
  readonly code: ServerErrorCode

  /**
   * @param detail a text that precedes the explanation of the code
   * @param options `cause`: the error behind this one
   */
  constructor(code: ServerErrorCode, detail?: string, options: { readonly cause?: unknown } = {}) {
    super(textOf(code, detail), options.cause === undefined ? undefined : { cause: options.cause })
    this.name = 'ServerError'
    this.code = code
  }

  /** Whether a value is a ServerError, of this or another copy of the package. */
  static is(value: unknown): value is ServerError {
    return hasBrand(value, brand)
  }
}

/**
 * The details of these codes say what is wrong and what is expected, so the general sentences of the table are not
 * added.
 */
const saidByDetail: ReadonlySet<ServerErrorCode> = new Set<ServerErrorCode>([
  'INVALID_LIMITS',
  'INVALID_OPTION',
])

function textOf(code: ServerErrorCode, detail: string | undefined): string {
  const { happened, fix } = serverErrorCodes[code]
  if (detail === undefined) return `${happened} ${fix}`
  if (saidByDetail.has(code)) return asSentence(detail)
  return `${detail}${/[.?]$/.test(detail) ? '' : ':'} ${happened} ${fix}`
}
