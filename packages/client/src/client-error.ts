import { hasBrand } from '@frameport/framing/checks'
import { asSentence } from '@frameport/protocol/checks'
import { type ClientErrorCode, clientErrorCodes } from './error-codes.ts'

const brand = Symbol.for('frameport.ClientError')

/**
 * An incorrect use of a client. A failed call rejects with an RpcError instead. Branch on `code`, never on the message.
 *
 * @example
 * ```ts
 * if (ClientError.is(error) && error.code === 'INVALID_TARGET') console.error(error.message)
 * ```
 */
export class ClientError extends Error {
  readonly [brand] = true
  /** The stable code. `clientErrorCodes` explains each one. */
  readonly code: ClientErrorCode

  /** @param detail a text about what exactly is wrong, which begins the message */
  constructor(code: ClientErrorCode, detail: string, options: { readonly cause?: unknown } = {}) {
    super(textOf(code, detail), options.cause === undefined ? undefined : { cause: options.cause })
    this.name = 'ClientError'
    this.code = code
  }

  /** Returns true for a ClientError of any copy of this package. */
  static is(value: unknown): value is ClientError {
    return hasBrand(value, brand)
  }
}

/** The details of these codes say what is wrong and what is expected, so the sentences of the table are not added. */
const saidByDetail: ReadonlySet<ClientErrorCode> = new Set<ClientErrorCode>([
  'INVALID_LIMITS',
  'INVALID_OPTION',
])

function textOf(code: ClientErrorCode, detail: string): string {
  const { happened, fix } = clientErrorCodes[code]
  if (saidByDetail.has(code)) return asSentence(detail)
  return `${detail}${/[.?]$/.test(detail) ? '' : ':'} ${happened} ${fix}`
}
