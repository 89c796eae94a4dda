import {
  type BackendName,
  type Endpoint,
  endpointUrl,
  limits,
  type Port,
  parseEndpoint,
  type SocketOptions,
} from '@frameport/iocp-core'
import { ClientError } from './client-error.ts'
import type { Connector } from './client-options.ts'
import { sharePort } from './shared-port.ts'

export interface TcpOptions extends SocketOptions {
  /** A completion port to share. Default: one for all clients of the process with the same back end. */
  readonly port?: Port
  /** The back end of that port. Default `auto`. */
  readonly backend?: BackendName
}

/** Names of {@link TcpOptions}. */
export const tcpOptionNames: readonly (keyof TcpOptions)[] = [
  'port',
  'backend',
  'noDelay',
  'keepAliveIdleMs',
  'resetOnClose',
]

/**
 * Connects over TCP (or a unix socket) on a completion port.
 *
 * @throws IocpError `INVALID_ENDPOINT`; ClientError `INVALID_OPTION`
 */
export function tcp(endpoint: Endpoint | string, options: TcpOptions = {}): Connector {
  const parsed = parseEndpoint(endpoint)
  const { port, backend, noDelay, keepAliveIdleMs, resetOnClose } = options
  checkKeepAlive(keepAliveIdleMs)
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

function checkKeepAlive(idleMs: number | undefined): void {
  const { min, max } = limits.keepAliveIdleMs
  if (idleMs === undefined || (Number.isInteger(idleMs) && idleMs >= min && idleMs <= max)) return
  throw new ClientError(
    'INVALID_OPTION',
    `keepAliveIdleMs is ${String(idleMs)}, not a whole number from ${min} to ${max}`,
  )
}
