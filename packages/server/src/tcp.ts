import type { Endpoint } from '@frameport/iocp-core'
import type { Acceptor } from './acceptor.ts'
import { checkTcpOptions } from './tcp/check-tcp-options.ts'
import { tcpAcceptor } from './tcp/tcp-acceptor.ts'
import type { TcpOptions } from './tcp/tcp-options.ts'
import { lazyPort } from './tcp/tcp-transport.ts'

export type { TcpOptions }

/**
 * Listens over TCP (or a unix socket) on a completion port:
 *
 * ```ts
 * const listener = await server.listen(tcp('tcp://127.0.0.1:5500', { backend: 'net' }))
 * ```
 *
 * `server.listen('tcp://127.0.0.1:5500')` does the same on the port of the server.
 *
 * @throws IocpError `INVALID_ENDPOINT`; ServerError `INVALID_OPTION`
 */
export function tcp(endpoint: Endpoint | string, given: TcpOptions = {}): Acceptor {
  const { completionPort, backend, ...options } = checkTcpOptions(given)
  const port = lazyPort(completionPort, backend)
  return { ...tcpAcceptor(endpoint, options, port), release: () => port.close() }
}
