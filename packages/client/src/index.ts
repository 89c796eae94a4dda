import type { ByteStream } from '@frameport/framing'
import type { Endpoint } from '@frameport/iocp-core'
import type { Contract } from '@frameport/protocol'
import { ClientError } from './client-error.ts'
import type { ClientOptions, Connector } from './client-options.ts'
import type { Client } from './client-types.ts'
import { nodePlatform } from './node-platform.ts'
import { isByteStream, isConnector, openClient } from './open-client.ts'
import { type TcpOptions, tcp } from './tcp.ts'

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
 * @throws ClientError `INVALID_LIMITS`, `INVALID_OPTION`, `INVALID_TARGET`; IocpError `INVALID_ENDPOINT`
 */
export function createClient<C extends Contract>(
  contract: C,
  target: string | Endpoint | ByteStream | Connector,
  options: CreateClientOptions = {},
): Client<C> {
  if (isByteStream(target) || isConnector(target)) {
    return openClient(contract, target, options, nodePlatform())
  }
  if (typeof target !== 'string' && !isEndpoint(target))
    throw new ClientError('INVALID_TARGET', typeof target)
  return openClient(contract, tcp(target, options), options, nodePlatform())
}

function isEndpoint(target: unknown): target is Endpoint {
  return typeof target === 'object' && target !== null && 'kind' in target
}
