import { describeValue } from '@frameport/protocol/checks'
import type { EnvelopeBody } from '@frameport/protocol/envelope'

/** What is wrong with the body of an event that others have encoded: nothing else of it can be sent. */
export function wrongBody(given: unknown): string | undefined {
  const { encoding, bytes } = (given ?? {}) as EnvelopeBody
  if (!(bytes instanceof Uint8Array)) return 'without bytes'
  if (encoding !== 'codec' && encoding !== 'raw' && encoding !== 'none')
    return `with the encoding ${describeValue(encoding)}`
  return encoding === 'none' && bytes.length > 0 ? 'with bytes and the encoding none' : undefined
}
