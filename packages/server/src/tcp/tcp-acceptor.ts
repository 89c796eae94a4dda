import {
  type CompletionPort,
  type Endpoint,
  endpointUrl,
  type ListenOptions,
  parseEndpoint,
} from '@frameport/iocp-core'
import type { Acceptor } from '../acceptor.ts'
import type { ServerListener } from '../server-listener.ts'

/** A port that is opened when it is first asked for. */
export interface LazyPort {
  get(): CompletionPort
  /** Closes it where it was opened. */
  close(): Promise<void>
}

/** An acceptor whose listener says which back end it uses. */
export interface TcpAcceptor extends Acceptor {
  listen(events: Parameters<Acceptor['listen']>[0]): Promise<ServerListener>
}

/**
 * Listens on a completion port. The port is not the acceptor's own.
 *
 * @throws IocpError `INVALID_ENDPOINT`
 */
export function tcpAcceptor(
  endpoint: Endpoint | string,
  options: ListenOptions,
  port: LazyPort,
): TcpAcceptor {
  const parsed = parseEndpoint(endpoint)
  return {
    url: endpointUrl(parsed),
    listen: (events) =>
      port.get().listen(
        parsed,
        (connection) => {
          events.accepted(connection, { remoteEndpoint: endpointUrl(connection.remoteEndpoint) })
        },
        { onAcceptError: (error) => events.acceptFailed(error), ...options },
      ),
  }
}
