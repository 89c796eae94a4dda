import type { ByteStream, FrameChannel } from '@frameport/framing'
import type { Endpoint } from '@frameport/iocp-core'
import type { TlsEndpoint } from '@frameport/iocp-core/tls'
import type { Contract } from '@frameport/protocol'
import type { ClientOptions } from './client-options.ts'
import type { Client } from './client-types.ts'
import type { Connector } from './connector.ts'
import { openClient } from './frameport-client.ts'
import { nodePlatform } from './node-platform.ts'
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

/** Options of a client, and of its connection over TCP, with TLS or without, or by a WebSocket, where it makes one itself. */
export interface CreateClientOptions<C extends Contract = never>
  extends ClientOptions<C>,
    TcpOptions,
    ClientTlsOptions,
    WebSocketOptions {}

/**
 * A client of `contract` on the server at `target`. It connects at once; calls made before it is connected wait, and
 * fail with UNAVAILABLE when nobody is there. When it has lost its connection it connects again (`reconnect`).
 *
 * ```ts
 * const client = createClient(chat, 'tcp://127.0.0.1:5500')
 * const room = await client.join({ room: 'lobby', name: 'guest' })
 * ```
 *
 * @param target `tcp://HOST:PORT`, `tls://HOST:PORT`, `wss://HOST/PATH`, an endpoint, a connector, or several of them in an array; or a stream or channel of frames that is connected already
 * @throws ClientError `INVALID_LIMITS`, `INVALID_OPTION`, `INVALID_TARGET`; ProtocolError `INVALID_CONTRACT`, also for `handlers` that do not fit it
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
