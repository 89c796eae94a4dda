import { hasBrand } from '@frameport/framing/checks'
import { asSentence } from '@frameport/protocol/checks'
import { type NatsBrokerErrorCode, natsBrokerErrorCodes } from './error-codes.ts'

const brand = Symbol.for('frameport.NatsBrokerError')

/** An error of this package: a wrong use, or what the NATS server or the way to it did. */
export class NatsBrokerError extends Error {
  readonly [brand] = true
  readonly code: NatsBrokerErrorCode

  constructor(code: NatsBrokerErrorCode, detail?: string, options: { readonly cause?: unknown } = {}) {
    super(textOf(code, detail), options.cause === undefined ? undefined : { cause: options.cause })
    this.name = 'NatsBrokerError'
    this.code = code
  }

  /** True for a NatsBrokerError of any copy of this package. */
  static is(value: unknown): value is NatsBrokerError {
    return hasBrand(value, brand)
  }
}

function textOf(code: NatsBrokerErrorCode, detail: string | undefined): string {
  const { happened, fix } = natsBrokerErrorCodes[code]
  if (detail === undefined) return `${happened} ${fix}`
  // The detail of a wrong option says what is wrong and what is expected.
  return code === 'INVALID_OPTION' ? asSentence(detail) : `${happened} ${asSentence(detail)} ${fix}`
}
