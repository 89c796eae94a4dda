import { describeValue } from '@frameport/protocol/checks'
import { ClientError } from '../client-error.ts'

const webSocketSchemes: Readonly<Record<string, string>> = {
  'ws:': 'ws:',
  'wss:': 'wss:',
  'http:': 'ws:',
  'https:': 'wss:',
}

/**
 * Returns the URL of a WebSocket. In a page, it may be relative to the page: `/chat`.
 *
 * @throws ClientError `INVALID_TARGET`
 */
export function webSocketUrl(given: string | URL): string {
  let url: URL
  try {
    const { location } = globalThis as { readonly location?: { readonly href: string } }
    url = new URL(given, location?.href)
  } catch (cause) {
    throw new ClientError(
      'INVALID_TARGET',
      `${describeValue(given)} is not a URL like wss://chat.example.com/frameport`,
      { cause },
    )
  }
  const protocol = webSocketSchemes[url.protocol]
  if (protocol === undefined)
    throw new ClientError(
      'INVALID_TARGET',
      `${describeValue(given)} begins with ${url.protocol}, but the URL of a WebSocket begins with ws: or wss:`,
    )
  // RFC 6455, section 3.
  if (url.hash !== '')
    throw new ClientError(
      'INVALID_TARGET',
      `${describeValue(given)} has a fragment, which the URL of a WebSocket must not have`,
    )
  url.protocol = protocol
  return url.href
}
