import type { ContractEvent } from '@frameport/protocol'
import { openServer } from './frameport-server.ts'
import type { Implementation } from './handlers/implementer-types.ts'
import { nodePlatform } from './node-platform.ts'
import type { OptionsAdvice, ServerOptions, ServerOptionsArguments } from './option-types.ts'
import type { Server } from './server-types.ts'

/**
 * Makes a server of one implementation or of several. It serves once it listens or is given a stream.
 *
 * ```ts
 * const server = createServer(implement(chat).handlers({ join, history }))
 * const listener = await server.listen('tcp://127.0.0.1:5500')
 * ```
 *
 * @throws ServerError `DUPLICATE_CONTRACT`, `INVALID_LIMITS`, `INVALID_OPTION`; ProtocolError `INVALID_CONTRACT` for what is no implementation
 */
export function createServer<Context extends object, ClientEvent extends ContractEvent = never>(
  implementations: Implementation<Context, ClientEvent> | readonly Implementation<Context, ClientEvent>[],
  ...[options]: ServerOptionsArguments<Context, NoInfer<ClientEvent>>
): Server
/** Only for the compiler: what it says when the options are left out and needed. */
export function createServer<Context extends object, ClientEvent extends ContractEvent = never>(
  implementations:
    | (Implementation<Context, ClientEvent> & OptionsAdvice<Context, ClientEvent>)
    | readonly (Implementation<Context, ClientEvent> & OptionsAdvice<Context, ClientEvent>)[],
): Server
export function createServer(
  implementations: Implementation<never, ContractEvent> | readonly Implementation<never, ContractEvent>[],
  options: unknown = {},
): Server {
  return openServer(implementations, options as ServerOptions<unknown>, nodePlatform)
}
