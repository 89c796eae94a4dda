import { listenTls, parseTlsEndpoint, type TlsEndpoint, tlsUrl } from '@frameport/iocp-core/tls'
import type { Acceptor } from '../acceptor.ts'
import { ownWatermarks } from '../tcp/own-port.ts'
import type { LazyPort } from '../tcp/tcp-acceptor.ts'
import type { TlsListenOptions, TlsServerListener } from '../tls-options.ts'

/** The result of `tls()`: an acceptor whose listener can replace its certificates. */
export interface TlsAcceptor extends Acceptor {
  /**
   * Binds the address and accepts connections from then on.
   *
   * @throws IocpError of the port, or `INVALID_CERTIFICATES`, as a rejection
   */
  listen(events: Parameters<Acceptor['listen']>[0]): Promise<TlsServerListener>
}

/**
 * Listens with TLS on a completion port, which the acceptor does not own. A connection belongs to the server before its
 * handshake: it counts for its share from the start, and must complete handshake and hello within `helloTimeoutMs`.
 *
 * @throws IocpError `INVALID_ENDPOINT`
 */
export function tlsAcceptor(
  endpoint: TlsEndpoint | string,
  options: TlsListenOptions,
  port: LazyPort,
): TlsAcceptor {
  const below = parseTlsEndpoint(endpoint)
  return {
    url: tlsUrl(below),
    listen: (events) =>
      listenTls(
        port.get(),
        { ...below, kind: 'tls' },
        (connection) => {
          events.accepted(connection, { remoteEndpoint: connection.remoteUrl, tls: () => connection.tls })
        },
        { onAcceptError: (error) => events.acceptFailed(error), ...options },
        ownWatermarks,
      ),
  }
}
