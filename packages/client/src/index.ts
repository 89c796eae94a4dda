import type { ByteStream } from '@frameport/framing'
import type { Endpoint } from '@frameport/iocp-core'
import type { Contract } from '@frameport/protocol'
import { describeValue } from '@frameport/protocol/checks'
import { checkContract } from '@frameport/protocol/contract'
import { checkClientOptions } from './check-options.ts'
import { checkTcpValues, tcpOptionNames } from './check-tcp-options.ts'
import { ClientError } from './client-error.ts'
import type { ClientOptions, Connector } from './client-options.ts'
import type { Client } from './client-types.ts'
import { isByteStream, isConnector, openClient } from './frameport-client.ts'
import { nodePlatform } from './node-platform.ts'
import type { TcpOptions } from './tcp.ts'
import { tcpConnector } from './tcp-connector.ts'

export * from './surface.ts'

/** Options of a client, and of its TCP connection where it makes one itself. */
export interface CreateClientOptions extends ClientOptions, TcpOptions {}

/**
 * A client of `contract` on the server at `target`. It connects at once; calls made before it is connected wait, and
 * fail with UNAVAILABLE when nobody is there. It does not connect again once its connection is gone.
 *
 * ```ts
 * const client = createClient(chat, 'tcp://127.0.0.1:5500')
 * const room = await client.join({ room: 'lobby', name: 'guest' })
 * ```
 *
 * @param target `tcp://HOST:PORT`, an endpoint, a connector, or a stream that is connected already
 * @throws ClientError `INVALID_LIMITS`, `INVALID_OPTION`, `INVALID_TARGET`; ProtocolError `INVALID_CONTRACT`; IocpError `INVALID_ENDPOINT`
 */
export function createClient<C extends Contract>(
  contract: C,
  target: string | Endpoint | ByteStream | Connector,
  given: CreateClientOptions = {},
): Client<C> {
  checkContract(contract, 'createClient')
  const options = checkClientOptions(given, tcpOptionNames)
  checkTcpValues(options)
  if (isByteStream(target) || isConnector(target)) {
    return openClient(contract, target, options, nodePlatform())
  }
  if (typeof target !== 'string' && !isEndpoint(target))
    throw new ClientError('INVALID_TARGET', describeValue(target))
  return openClient(contract, tcpConnector(target, options), options, nodePlatform())
}

function isEndpoint(target: unknown): target is Endpoint {
  try {
    return typeof target === 'object' && target !== null && 'kind' in target
  } catch {
    return false // A Proxy may be revoked.
  }
}
