import { hasBrand } from '@frameport/framing/checks'
import type { ProtocolErrorCode } from './error-codes.ts'

const brand = Symbol.for('frameport.ProtocolError')

/**
 * Thrown by the envelope codec, the body codec and contract checks for what cannot be sent, was not well-formed
 * or was declared wrongly. Branch on `code`; what led to it is in `cause`.
 */
export class ProtocolError extends Error {
  readonly [brand] = true
  readonly code: ProtocolErrorCode

  constructor(code: ProtocolErrorCode, message: string, options: { readonly cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.name = 'ProtocolError'
    this.code = code
  }

  /** True for a ProtocolError of any copy of this package. */
  static is(value: unknown): value is ProtocolError {
    return hasBrand(value, brand)
  }
}
