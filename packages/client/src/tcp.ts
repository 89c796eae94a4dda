import type { Endpoint } from '@frameport/iocp-core'
import type { Connector } from './connector.ts'
import { checkTcpOptions } from './tcp/check-tcp-options.ts'
import { tcpConnector } from './tcp/tcp-connector.ts'
import type { TcpOptions } from './tcp/tcp-options.ts'

export type { TcpOptions }

/**
 * Connects over TCP (or a unix socket) on a completion port.
 *
 * @throws ClientError `INVALID_OPTION`, `INVALID_TARGET`
 */
export function tcp(endpoint: Endpoint | string, options: TcpOptions = {}): Connector {
  return tcpConnector(endpoint, checkTcpOptions(options))
}
