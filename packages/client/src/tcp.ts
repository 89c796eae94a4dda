import type { BackendName, CompletionPort, Endpoint, SocketOptions } from '@frameport/iocp-core'
import { checkTcpOptions } from './check-tcp-options.ts'
import type { Connector } from './client-options.ts'
import { tcpConnector } from './tcp-connector.ts'

export interface TcpOptions extends SocketOptions {
  /** A completion port to share. Default: one for all clients of the process with the same back end. */
  readonly completionPort?: CompletionPort
  /** The back end of that port. Default `auto`. */
  readonly backend?: BackendName
}

/**
 * Connects over TCP (or a unix socket) on a completion port.
 *
 * @throws IocpError `INVALID_ENDPOINT`; ClientError `INVALID_OPTION`
 */
export function tcp(endpoint: Endpoint | string, options: TcpOptions = {}): Connector {
  return tcpConnector(endpoint, checkTcpOptions(options))
}
