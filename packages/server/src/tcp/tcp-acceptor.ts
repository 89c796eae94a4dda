import {
  type CompletionPort,
  type Endpoint,
  endpointUrl,
  type ListenOptions,
  parseEndpoint,
} from '@frameport/iocp-core'
import type { Acceptor } from '../acceptor.ts'
import type { ServerListener } from '../server-listener.ts'

/** A port that is opened on first use. */
export interface LazyPort {
  get(): CompletionPort
  /** Closes the port if this object opened it. */
  close(): Promise<void>
}

/** An acceptor whose listener names its back end. */
export interface TcpAcceptor extends Acceptor {
  listen(events: Parameters<Acceptor['listen']>[0]): Promise<ServerListener>
}

/**
 * Listens on a completion port, which the acceptor does not own.
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
