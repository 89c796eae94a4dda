import { hasBrand } from '@frameport/framing/checks'
import { asSentence } from '@frameport/protocol/checks'
import { type ClientErrorCode, clientErrorCodes } from './error-codes.ts'

const brand = Symbol.for('frameport.ClientError')

/** A wrong use of a client. What fails a call is an RpcError. */
export class ClientError extends Error {
  readonly [brand] = true
  readonly code: ClientErrorCode

  constructor(code: ClientErrorCode, detail: string, options: { readonly cause?: unknown } = {}) {
    super(textOf(code, detail), options.cause === undefined ? undefined : { cause: options.cause })
    this.name = 'ClientError'
    this.code = code
  }

  /** True for a ClientError of any copy of this package. */
  static is(value: unknown): value is ClientError {
    return hasBrand(value, brand)
  }
}

/** The details of these say what is wrong and what is expected: the sentences of the table would only say it in general. */
const saidByDetail: ReadonlySet<ClientErrorCode> = new Set<ClientErrorCode>([
  'INVALID_LIMITS',
  'INVALID_OPTION',
])

function textOf(code: ClientErrorCode, detail: string): string {
  const { happened, fix } = clientErrorCodes[code]
  if (saidByDetail.has(code)) return asSentence(detail)
  return `${detail}${/[.?]$/.test(detail) ? '' : ':'} ${happened} ${fix}`
}
