import { hasBrand } from '@frameport/framing/checks'
import type { ProtocolErrorCode } from './error-codes.ts'

const brand = Symbol.for('frameport.ProtocolError')

/**
 * A mistake in the use of this package, or bytes of a peer that are not well-formed. Branch on `code`; `cause` has
 * the error that led to it.
 */
export class ProtocolError extends Error {
  readonly [brand] = true
  /** The stable code. `protocolErrorCodes` explains each. */
  readonly code: ProtocolErrorCode

  constructor(code: ProtocolErrorCode, message: string, options: { readonly cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.name = 'ProtocolError'
    this.code = code
  }

  /** Returns whether a value is a ProtocolError of any copy of this package. */
  static is(value: unknown): value is ProtocolError {
    return hasBrand(value, brand)
  }
}
