import {
  type CompletionPort,
  type Endpoint,
  endpointUrl,
  parseEndpoint,
  type SocketOptions,
} from '@frameport/iocp-core'
import { asSentence, textOfThrown } from '@frameport/protocol/checks'
import { ClientError } from '../client-error.ts'
import type { Connector } from '../connector.ts'
import { sharePort } from './shared-port.ts'
import type { TcpOptions } from './tcp-options.ts'

/**
 * The connector of `tcp()`, for options that have been checked. Those of a client may be among them.
 *
 * @throws ClientError `INVALID_TARGET`; its cause is the IocpError of an endpoint that is none
 */
export function tcpConnector(endpoint: Endpoint | string, options: TcpOptions): Connector {
  const parsed = parsedTarget(endpoint)
  const { completionPort, backend, noDelay, keepAliveIdleMs, resetOnClose } = options
  const socketOptions: SocketOptions = {
    ...(noDelay === undefined ? {} : { noDelay }),
    ...(keepAliveIdleMs === undefined ? {} : { keepAliveIdleMs }),
    ...(resetOnClose === undefined ? {} : { resetOnClose }),
  }
  /** One for each client that has connected and is not closed yet: all of one port. */
  const leases: ReturnType<typeof sharePort>[] = []
  return {
    url: endpointUrl(parsed),
    async connect({ signal, timeoutMs, again = false }) {
      let used = completionPort
      if (used === undefined) {
        // A client that connects again has its lease, unless there was no port the first time.
        if (!again || leases.length === 0) leases.push(sharePort(backend))
        used = leases.at(-1)?.port as CompletionPort
      }
      return used.connect(parsed, { ...socketOptions, signal, timeoutMs })
    },
    release: () => leases.pop()?.release(),
  }
}

function parsedTarget(endpoint: Endpoint | string): Endpoint {
  let parsed: Endpoint
  try {
    parsed = parseEndpoint(endpoint)
  } catch (cause) {
    throw new ClientError('INVALID_TARGET', asSentence(textOfThrown(cause)), { cause })
  }
  if (parsed.kind !== 'tcp' || parsed.port !== 0) return parsed
  throw new ClientError(
    'INVALID_TARGET',
    `the port of ${endpointUrl(parsed)} is 0, with which a server lets the system choose one: give the url of its listener`,
  )
}
