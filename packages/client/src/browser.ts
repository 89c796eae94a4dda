import type { ByteStream, FrameChannel } from '@frameport/framing'
import type { Contract } from '@frameport/protocol'
import { browserPlatform } from './browser-platform.ts'
import type { ClientOptions } from './client-options.ts'
import type { Client } from './client-types.ts'
import type { Connector } from './connector.ts'
import { openClient } from './frameport-client.ts'

export * from './surface.ts'

/**
 * A client over a stream, a channel of frames or a connector. This build knows no transport of its own: it runs where there is no TCP.
 *
 * @throws ClientError `INVALID_LIMITS`, `INVALID_OPTION`, `INVALID_TARGET`; ProtocolError `INVALID_CONTRACT`, also for `handlers` that do not fit it
 */
export function createClient<C extends Contract>(
  contract: C,
  target: ByteStream | FrameChannel | Connector | readonly Connector[],
  options: ClientOptions<NoInfer<C>> = {},
): Client<C> {
  return openClient(contract, target, options, browserPlatform)
}
