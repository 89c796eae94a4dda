import type { ByteStream, FrameChannel } from '@frameport/framing'
import type { Contract } from '@frameport/protocol'
import { browserPlatform } from './browser-platform.ts'
import type { ClientOptions } from './client-options.ts'
import type { Client } from './client-types.ts'
import type { Connector } from './connector.ts'
import { openClient } from './frameport-client.ts'
import type { WebSocketOptions } from './ws/ws-options.ts'

export * from './surface.ts'

/** Options of a client, and of its WebSocket where it makes one itself. */
export interface CreateClientOptions<C extends Contract = never> extends ClientOptions<C>, WebSocketOptions {}

/**
 * A client over a WebSocket, a stream, a channel of frames or a connector. This build knows no other transport of its own: it runs where there is no TCP.
 *
 * ```ts
 * const client = createClient(chat, 'wss://chat.example.com/frameport')
 * ```
 *
 * @param target `wss://HOST/PATH`, in a page also relative to it (`/frameport`), a connector, or several of them in an array; or a stream or channel of frames that is connected already
 * @throws ClientError `INVALID_LIMITS`, `INVALID_OPTION`, `INVALID_TARGET`; ProtocolError `INVALID_CONTRACT`, also for `handlers` that do not fit it
 */
export function createClient<C extends Contract>(
  contract: C,
  target: string | ByteStream | FrameChannel | Connector | readonly (string | Connector)[],
  options: CreateClientOptions<NoInfer<C>> = {},
): Client<C> {
  return openClient(contract, target, options, browserPlatform)
}
