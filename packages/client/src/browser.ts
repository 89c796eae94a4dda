import type { ByteStream, FrameChannel } from '@frameport/framing'
import type { Contract } from '@frameport/protocol'
import { browserPlatform } from './browser-platform.ts'
import type { ClientOptions } from './client-options.ts'
import type { Client } from './client-types.ts'
import type { Connector } from './connector.ts'
import { openClient } from './open-client.ts'
import type { WebSocketOptions } from './ws/ws-options.ts'

export * from './surface.ts'

/** The options of `createClient`: those of every client, and those of the WebSockets that it makes. */
export interface CreateClientOptions<C extends Contract = never> extends ClientOptions<C>, WebSocketOptions {}

/**
 * Creates a client of `contract` for the server at `target`. This is the build for browsers, which have no TCP: its
 * only transport is WebSockets. Give a connector to use another one.
 *
 * @example
 * ```ts
 * const client = createClient(chat, 'wss://chat.example.com/frameport')
 * ```
 *
 * @param target `wss://HOST/PATH`, or a URL relative to the page (`/frameport`), a connector, or an array of several of these; or a `ByteStream`
 *   or `FrameChannel` that is already connected
 * @throws ClientError `INVALID_LIMITS`, `INVALID_OPTION`, `INVALID_TARGET`; ProtocolError `INVALID_CONTRACT`, also for `handlers` that do not
 *   fit the contract
 */
export function createClient<C extends Contract>(
  contract: C,
  target: string | ByteStream | FrameChannel | Connector | readonly (string | Connector)[],
  options: CreateClientOptions<NoInfer<C>> = {},
): Client<C> {
  return openClient(contract, target, options, browserPlatform)
}
