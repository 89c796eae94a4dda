import type { ContractEvent } from '@frameport/protocol'
import { openServer } from './frameport-server.ts'
import type { Implementation } from './handlers/implementer-types.ts'
import { nodePlatform } from './node-platform.ts'
import type { OptionsAdvice, ServerOptions, ServerOptionsArguments } from './option-types.ts'
import type { Server } from './server-types.ts'

/**
 * Creates a server for one or several implementations. It serves clients after `listen` or `accept`.
 *
 * @example
 * ```ts
 * const server = createServer(implement(hello).handlers({ greet: ({ input }) => `Hello, ${input.name}!` }))
 * const listener = await server.listen('tcp://127.0.0.1:5500')
 * ```
 *
 * @throws ServerError `DUPLICATE_CONTRACT`, `INVALID_LIMITS`, `INVALID_OPTION`, `BUS_FAILED`; ProtocolError
 * `INVALID_CONTRACT` if an argument is not an implementation
 */
export function createServer<Context extends object, ClientEvent extends ContractEvent = never>(
  implementations: Implementation<Context, ClientEvent> | readonly Implementation<Context, ClientEvent>[],
  ...[options]: ServerOptionsArguments<Context, NoInfer<ClientEvent>>
): Server
/** Only for the compiler: its text when required options are missing. */
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
