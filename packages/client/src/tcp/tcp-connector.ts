import { type Endpoint, endpointUrl, parseEndpoint, type SocketOptions } from '@frameport/iocp-core'
import type { Connector } from '../connector.ts'
import { sharePort } from './shared-port.ts'
import type { TcpOptions } from './tcp-options.ts'

/**
 * The connector of `tcp()`, for options that have been checked. Those of a client may be among them.
 *
 * @throws IocpError `INVALID_ENDPOINT`
 */
export function tcpConnector(endpoint: Endpoint | string, options: TcpOptions): Connector {
  const parsed = parseEndpoint(endpoint)
  const { completionPort, backend, noDelay, keepAliveIdleMs, resetOnClose } = options
  const socketOptions: SocketOptions = {
    ...(noDelay === undefined ? {} : { noDelay }),
    ...(keepAliveIdleMs === undefined ? {} : { keepAliveIdleMs }),
    ...(resetOnClose === undefined ? {} : { resetOnClose }),
  }
  /** One for each client that has connected and is not closed yet: all of one port. */
  const releases: (() => void)[] = []
  return {
    url: endpointUrl(parsed),
    async connect({ signal, timeoutMs }) {
      let used = completionPort
      if (used === undefined) {
        const lease = sharePort(backend)
        releases.push(lease.release)
        used = lease.port
      }
      return used.connect(parsed, { ...socketOptions, signal, timeoutMs })
    },
    release: () => releases.pop()?.(),
  }
}
