import { hasBrand } from '@frameport/framing/checks'
import { asSentence } from '@frameport/protocol/checks'
import { type ServerErrorCode, serverErrorCodes } from './error-codes.ts'

const brand = Symbol.for('frameport.ServerError')

/** A wrong use of a server. What fails a call is an RpcError, what fails a listener an IocpError. */
export class ServerError extends Error {
  readonly [brand] = true
  readonly code: ServerErrorCode

  constructor(code: ServerErrorCode, detail?: string, options: { readonly cause?: unknown } = {}) {
    super(textOf(code, detail), options.cause === undefined ? undefined : { cause: options.cause })
    this.name = 'ServerError'
    this.code = code
  }

  /** True for a ServerError of any copy of this package. */
  static is(value: unknown): value is ServerError {
    return hasBrand(value, brand)
  }
}

/** The details of these say what is wrong and what is expected: the sentences of the table would only say it in general. */
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
