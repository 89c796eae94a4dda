import type { ByteStream } from '@frameport/framing'
import type { CompletionPort, ConnectOptions, SocketOptions } from '@frameport/iocp-core'
import type { Connector } from '../connector.ts'
import { sharePort } from './shared-port.ts'
import type { TcpOptions } from './tcp-options.ts'

/**
 * Returns a connector over a completion port, for checked options, which may include those of a client.
 *
 * @param connect makes one connection of a port
 */
export function portConnector(
  url: string,
  options: TcpOptions,
  connect: (port: CompletionPort, options: ConnectOptions) => Promise<ByteStream>,
): Connector {
  const { completionPort, backend, noDelay, keepAliveIdleMs, resetOnClose } = options
  const socketOptions: SocketOptions = {
    ...(noDelay === undefined ? {} : { noDelay }),
    ...(keepAliveIdleMs === undefined ? {} : { keepAliveIdleMs }),
    ...(resetOnClose === undefined ? {} : { resetOnClose }),
  }
  /** One lease for each client that has connected and is not closed yet, all of one port. */
  const leases: ReturnType<typeof sharePort>[] = []
  return {
    url,
    async connect({ signal, timeoutMs, again = false }) {
      let used = completionPort
      if (used === undefined) {
        // A client that connects again has a lease, unless its first attempt got no port.
        if (!again || leases.length === 0) leases.push(sharePort(backend))
        used = leases.at(-1)?.port as CompletionPort
      }
      return connect(used, { ...socketOptions, signal, timeoutMs })
    },
    release: () => leases.pop()?.release(),
  }
}
