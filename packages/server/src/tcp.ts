import type { Endpoint } from '@frameport/iocp-core'
import type { Acceptor } from './acceptor.ts'
import { checkTcpOptions } from './tcp/check-tcp-options.ts'
import { tcpAcceptor } from './tcp/tcp-acceptor.ts'
import type { TcpOptions } from './tcp/tcp-options.ts'
import { lazyPort } from './tcp/tcp-transport.ts'

export type { TcpOptions }

/**
 * Creates an acceptor for TCP or a unix socket, with its own completion port unless one is given.
 * `server.listen('tcp://127.0.0.1:5500')` does the same on the completion port of the server.
 *
 * @example
 * ```ts
 * const listener = await server.listen(tcp('tcp://127.0.0.1:5500', { backend: 'net' }))
 * ```
 *
 * @param endpoint `tcp://HOST:PORT`, `unix:PATH`, or an endpoint object. Port 0 chooses a free port
 * @throws IocpError `INVALID_ENDPOINT`; ServerError `INVALID_OPTION`
 */
export function tcp(endpoint: Endpoint | string, given: TcpOptions = {}): Acceptor {
  const { completionPort, backend, ...options } = checkTcpOptions(given)
  const port = lazyPort(completionPort, backend)
  return { ...tcpAcceptor(endpoint, options, port), release: () => port.close() }
}
