import { asSentence, textOfThrown } from '@frameport/protocol/checks'
import { ClientError } from '../client-error.ts'

/**
 * Parses an endpoint to connect to.
 *
 * @param parse throws an IocpError for an invalid endpoint
 * @param urlOf of the result
 * @throws ClientError `INVALID_TARGET`; its cause is the IocpError for an invalid endpoint
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
