import { checking, readOnce, transportFor, unknownName } from '@frameport/protocol/checks'
import type { Acceptor } from './acceptor.ts'
import { refusal, refuse } from './check-options.ts'
import type { ServerTransport } from './server-transport.ts'

/**
 * The acceptor that `target` is, or that the transport of its scheme makes for it.
 *
 * @param transports at least one
 * @throws ServerError `INVALID_OPTION`; what the transport says of an address
 */
export function resolveAcceptor(
  target: unknown,
  options: object,
  transports: readonly [ServerTransport, ...ServerTransport[]],
): Acceptor {
  const acceptor = isAcceptor(target) ? target : undefined
  const transport = transportFor(target, transports) ?? transports[0]
  const names = acceptor === undefined ? transport.optionNames : []
  const read = checking(() => {
    refuse(unknownName('options', options, names))
    return readOnce(options, names)
  }, refusal)
  return acceptor ?? transport.acceptor(target as string | object, read)
}

/** What cannot be looked at is none. */
function isAcceptor(target: unknown): target is Acceptor {
  try {
    const { listen, url } = target as Partial<Acceptor>
    return typeof listen === 'function' && typeof url === 'string'
  } catch {
    return false
  }
}
