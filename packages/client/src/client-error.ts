import { hasBrand } from '@frameport/framing/checks'
import { type ClientErrorCode, clientErrorCodes } from './error-codes.ts'

const brand = Symbol.for('frameport.ClientError')

/** A wrong use of a client. What fails a call is an RpcError. */
export class ClientError extends Error {
  readonly [brand] = true
  readonly code: ClientErrorCode

  constructor(code: ClientErrorCode, detail: string, options: { readonly cause?: unknown } = {}) {
    const { happened, fix } = clientErrorCodes[code]
    super(
      `${detail}${/[.?]$/.test(detail) ? '' : ':'} ${happened} ${fix}`,
      options.cause === undefined ? undefined : { cause: options.cause },
    )
    this.name = 'ClientError'
    this.code = code
  }

  /** True for a ClientError of any copy of this package. */
  static is(value: unknown): value is ClientError {
    return hasBrand(value, brand)
  }
}
