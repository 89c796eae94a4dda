import {
  type BackendName,
  type Endpoint,
  endpointUrl,
  type Port,
  parseEndpoint,
  type SocketOptions,
} from '@frameport/iocp-core'
import type { Connector } from './client-options.ts'
import { sharePort } from './shared-port.ts'

export interface TcpOptions extends SocketOptions {
  /** A completion port to share. Default: one for all clients of the process with the same back end. */
  readonly port?: Port
  /** The back end of that port. Default `auto`. */
  readonly backend?: BackendName
}

/**
 * Connects over TCP (or a unix socket) on a completion port.
 *
 * @throws IocpError `INVALID_ENDPOINT`
 */
export function tcp(endpoint: Endpoint | string, options: TcpOptions = {}): Connector {
  const parsed = parseEndpoint(endpoint)
  const { port, backend, noDelay, keepAliveIdleMs, resetOnClose } = options
  const socketOptions: SocketOptions = {
    ...(noDelay === undefined ? {} : { noDelay }),
    ...(keepAliveIdleMs === undefined ? {} : { keepAliveIdleMs }),
    ...(resetOnClose === undefined ? {} : { resetOnClose }),
  }
  let release: (() => void) | undefined
  return {
    url: endpointUrl(parsed),
    async connect({ signal, timeoutMs }) {
      let used = port
      if (used === undefined) {
        const lease = sharePort(backend)
        release = lease.release
        used = lease.port
      }
      return used.connect(parsed, { ...socketOptions, signal, timeoutMs })
    },
    release: () => release?.(),
  }
}
