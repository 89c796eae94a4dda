import type { Contract } from '@frameport/protocol'
import { whereGivenAgain } from '@frameport/protocol/checks'
import { checkContract } from '@frameport/protocol/contract'
import type { AnyClientOptions } from './any-client-options.ts'
import { checkClientOptions } from './check-options.ts'
import type { ClientPlatform } from './client-platform.ts'
import type { Client } from './client-types.ts'
import { FrameportClient } from './frameport-client.ts'
import { resolveTarget } from './resolve-target.ts'
import { boundHandlers } from './serving/served-calls.ts'

/**
 * Checks the arguments of `createClient`, and makes the client.
 *
 * @throws ClientError `INVALID_LIMITS`, `INVALID_OPTION`, `INVALID_TARGET`; ProtocolError `INVALID_CONTRACT`
 */
export function openClient<C extends Contract>(
  contract: C,
  target: unknown,
  given: AnyClientOptions,
  platform: ClientPlatform,
): Client<C> {
  checkContract(contract, 'createClient')
  const { transports } = platform
  const options = checkClientOptions(
    given,
    transports.flatMap(({ optionNames }) => optionNames),
  )
  for (const transport of transports) transport.checkOptions(options)
  const bindings = boundHandlers(contract, options)
  const resolved = resolveTarget(target, transports, options)
  try {
    return new FrameportClient(contract, resolved, options, bindings, platform).surface as Client<C>
  } catch (error) {
    throw whereGivenAgain(error)
  }
}
