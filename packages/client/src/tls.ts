import type { TlsEndpoint } from '@frameport/iocp-core/tls'
import type { Connector } from './connector.ts'
import { checkTlsOptions } from './tls/check-tls-options.ts'
import { tlsConnector } from './tls/tls-connector.ts'
import type { TlsOptions } from './tls/tls-options.ts'

export type { TlsOptions }

/**
 * Connects with TLS over TCP on a completion port.
 *
 * ```ts
 * const client = createClient(chat, tls('tls://chat.example.com:5500', { ca: readFileSync('ca.pem') }))
 * ```
 *
 * @throws ClientError `INVALID_OPTION`, `INVALID_TARGET`
 */
export function tls(endpoint: TlsEndpoint | string, options: TlsOptions = {}): Connector {
  return tlsConnector(endpoint, checkTlsOptions(options))
}
