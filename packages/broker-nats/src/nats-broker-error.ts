import { hasBrand } from '@frameport/framing/checks'
import { asSentence } from '@frameport/protocol/checks'
import { type NatsBrokerErrorCode, natsBrokerErrorCodes } from './error-codes.ts'

const brand = Symbol.for('frameport.NatsBrokerError')

/**
 * An error of this package: wrong usage, or a failure of the NATS server or of the connection to it. Branch on `code`: its values are stable, the text is
 * not. `cause` holds the error of the NATS client, if there was one.
 */
export class NatsBrokerError extends Error {
  readonly [brand] = true
  /** The stable code. {@link natsBrokerErrorCodes} explains each one. */
  readonly code: NatsBrokerErrorCode

  constructor(code: NatsBrokerErrorCode, detail?: string, options: { readonly cause?: unknown } = {}) {
    super(textOf(code, detail), options.cause === undefined ? undefined : { cause: options.cause })
    this.name = 'NatsBrokerError'
    this.code = code
  }

  /** Returns true if `value` is a NatsBrokerError, of any copy of this package. Use it instead of `instanceof`. */
  static is(value: unknown): value is NatsBrokerError {
    return hasBrand(value, brand)
  }
}

function textOf(code: NatsBrokerErrorCode, detail: string | undefined): string {
  const { happened, fix } = natsBrokerErrorCodes[code]
  if (detail === undefined) return `${happened} ${fix}`
  // The detail of a wrong option already contains the expected value.
  return code === 'INVALID_OPTION' ? asSentence(detail) : `${happened} ${asSentence(detail)} ${fix}`
}
