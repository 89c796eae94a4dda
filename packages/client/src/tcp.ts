import type { Endpoint } from '@frameport/iocp-core'
import type { Connector } from './connector.ts'
import { checkTcpOptions } from './tcp/check-tcp-options.ts'
import { tcpConnector } from './tcp/tcp-connector.ts'
import type { TcpOptions } from './tcp/tcp-options.ts'

export type { TcpOptions }

/**
 * Returns a connector over TCP, or a unix socket, on a completion port. `createClient(chat, 'tcp://127.0.0.1:5500')` makes the same.
 *
 * @example
 * ```ts
 * const client = createClient(chat, tcp('tcp://127.0.0.1:5500', { backend: 'net' }))
 * ```
 *
 * @param endpoint `tcp://HOST:PORT`, `unix:/PATH`, or an endpoint object
 * @throws ClientError `INVALID_OPTION`, `INVALID_TARGET`
 */
export function tcp(endpoint: Endpoint | string, options: TcpOptions = {}): Connector {
  return tcpConnector(endpoint, checkTcpOptions(options))
}
