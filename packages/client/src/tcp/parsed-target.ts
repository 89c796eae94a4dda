import { asSentence, textOfThrown } from '@frameport/protocol/checks'
import { ClientError } from '../client-error.ts'

/**
 * An endpoint to connect to.
 *
 * @param parse throws an IocpError for an endpoint that is none
 * @param urlOf of what it gives
 * @throws ClientError `INVALID_TARGET`; its cause is the IocpError of an endpoint that is none
 */
export function parsedTarget<Parsed extends { readonly port?: number }>(
  parse: () => Parsed,
  urlOf: (parsed: Parsed) => string,
): Parsed {
  let parsed: Parsed
  try {
    parsed = parse()
  } catch (cause) {
    throw new ClientError('INVALID_TARGET', asSentence(textOfThrown(cause)), { cause })
  }
  if (parsed.port !== 0) return parsed
  throw new ClientError(
    'INVALID_TARGET',
    `the port of ${urlOf(parsed)} is 0, which only a listener can use: give the url of the listener`,
  )
}
