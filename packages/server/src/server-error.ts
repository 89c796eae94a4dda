import { hasBrand } from '@frameport/framing/checks'
import { type ServerErrorCode, serverErrorCodes } from './error-codes.ts'

const brand = Symbol.for('frameport.ServerError')

/** A wrong use of a server. What fails a call is an RpcError, what fails a listener an IocpError. */
export class ServerError extends Error {
  readonly [brand] = true
  readonly code: ServerErrorCode

  constructor(code: ServerErrorCode, detail?: string, options: { readonly cause?: unknown } = {}) {
    const { happened, fix } = serverErrorCodes[code]
    super(
      `${detail === undefined ? '' : `${detail}${detail.endsWith('?') ? '' : ':'} `}${happened} ${fix}`,
      options.cause === undefined ? undefined : { cause: options.cause },
    )
    this.name = 'ServerError'
    this.code = code
  }

  /** True for a ServerError of any copy of this package. */
  static is(value: unknown): value is ServerError {
    return hasBrand(value, brand)
  }
}
