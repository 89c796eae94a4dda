import type { ByteStream, FrameChannel } from '@frameport/framing'
import type { Endpoint } from '@frameport/iocp-core'
import type { TlsEndpoint } from '@frameport/iocp-core/tls'
import type { Contract } from '@frameport/protocol'
import type { ClientOptions } from './client-options.ts'
import type { Client } from './client-types.ts'
import type { Connector } from './connector.ts'
import { nodePlatform } from './node-platform.ts'
import { openClient } from './open-client.ts'
import type { TcpOptions } from './tcp/tcp-options.ts'
import type { ClientTlsOptions } from './tls/tls-options.ts'
import type { WebSocketOptions } from './ws/ws-options.ts'

export type {
  CallFromServerMessage,
  ClientCallMessage,
  ClientConnectionMessage,
} from './diagnostics-types.ts'
export { clientChannels } from './node-diagnostics.ts'
export * from './surface.ts'

/** The options of `createClient`: those of every client, and those of the connections that it makes over TCP, TLS and WebSockets. */
export interface CreateClientOptions<C extends Contract = never>
  extends ClientOptions<C>,
    TcpOptions,
    ClientTlsOptions,
    WebSocketOptions {}

/**
 * Creates a client of `contract` for the server at `target`. It connects at once. Calls that are made before it is connected wait, and fail with
 * UNAVAILABLE if the connection cannot be made. When the connection is lost, the client reconnects (option `reconnect`).
 *
 * @example
 * ```ts
 * const client = createClient(chat, 'tcp://127.0.0.1:5500')
 * const room = await client.join({ room: 'lobby', name: 'guest' })
 * ```
 *
 * @param target `tcp://HOST:PORT`, `tls://HOST:PORT`, `unix:/PATH`, `wss://HOST/PATH`, an endpoint, a connector, or an array of several of these; or
 *   a `ByteStream` or `FrameChannel` that is already connected
 * @param given the options
 * @throws ClientError `INVALID_LIMITS`, `INVALID_OPTION`, `INVALID_TARGET`; ProtocolError `INVALID_CONTRACT`, also for `handlers` that do not
 *   fit the contract
 */
export function createClient<C extends Contract>(
  contract: C,
  target:
    | string
    | Endpoint
    | TlsEndpoint
    | ByteStream
    | FrameChannel
    | Connector
    | readonly (string | Endpoint | TlsEndpoint | Connector)[],
  given: CreateClientOptions<NoInfer<C>> = {},
): Client<C> {
  return openClient(contract, target, given, nodePlatform())
}
