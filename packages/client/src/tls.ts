import type { TlsEndpoint } from '@frameport/iocp-core/tls'
import type { Connector } from './connector.ts'
import { checkTlsOptions } from './tls/check-tls-options.ts'
import { tlsConnector } from './tls/tls-connector.ts'
import type { TlsOptions } from './tls/tls-options.ts'

export type { TlsOptions }

/**
 * Returns a connector with TLS (RFC 8446) over TCP, on a completion port. `createClient(chat, 'tls://chat.example.com:5500')` makes the same.
 *
 * @example
 * ```ts
 * const client = createClient(chat, tls('tls://chat.example.com:5500', { ca: readFileSync('ca.pem') }))
 * ```
 *
 * @param endpoint `tls://HOST:PORT`, or an endpoint object
 * @throws ClientError `INVALID_OPTION`, `INVALID_TARGET`
 */
export function tls(endpoint: TlsEndpoint | string, options: TlsOptions = {}): Connector {
  return tlsConnector(endpoint, checkTlsOptions(options))
}
