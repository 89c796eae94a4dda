import { describeValue } from '@frameport/protocol/checks'
import type { EnvelopeBody } from '@frameport/protocol/envelope'

/** Describes why the body of an event that was encoded elsewhere cannot be sent; undefined if it can. */
export function wrongBody(given: unknown): string | undefined {
  const { encoding, bytes } = (given ?? {}) as EnvelopeBody
  if (!(bytes instanceof Uint8Array)) return 'without bytes'
  if (encoding !== 'codec' && encoding !== 'raw' && encoding !== 'none')
    return `with the encoding ${describeValue(encoding)}`
  return encoding === 'none' && bytes.length > 0 ? 'with bytes and the encoding none' : undefined
}
