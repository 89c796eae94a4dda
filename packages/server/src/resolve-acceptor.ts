import {
  addressScheme,
  checking,
  describeValue,
  missingMethods,
  reading,
  readOnce,
  textOfThrown,
  transportFor,
  unknownName,
  wrongKind,
} from '@frameport/protocol/checks'
import type { Acceptor } from './acceptor.ts'
import { refusal, refuse } from './check-options.ts'
import type { ServerError } from './server-error.ts'
import type { ServerTransport } from './server-transport.ts'

/**
 * Returns `target` if it is an acceptor, and otherwise the acceptor that the transport of its scheme creates.
 *
 * @param transports at least one
 * @throws ServerError `INVALID_OPTION`; the error of the transport about an address
 */
export function resolveAcceptor(
  target: unknown,
  options: object,
  transports: readonly [ServerTransport, ...ServerTransport[]],
): Acceptor {
  const acceptor = checkedAcceptor(target)
  const transport = transportFor(target, transports) ?? transports[0]
  const names = acceptor === undefined ? transport.optionNames : []
  const read = checking(() => {
    refuse(unknownName('options', options, names))
    return readOnce(options, names)
  }, refusal)
  if (acceptor !== undefined) return acceptor
  try {
    return transport.acceptor(target as string | object, read)
  } catch (cause) {
    throw foreignScheme(target, transports) ? unknownTransport(cause, transports) : cause
  }
}

const acceptorShape = { what: 'an Acceptor', methods: ['listen'] } as const

/**
 * Returns `target` if it is an acceptor; undefined for an address and for any other value.
 *
 * @throws ServerError `INVALID_OPTION` for an incomplete acceptor
 */
function checkedAcceptor(target: unknown): Acceptor | undefined {
  if (!isMeantAsAcceptor(target)) return undefined
  return checking(() => {
    const given = target as Acceptor
    const hint = 'connect' in given ? ' (an object with connect is a Connector, which is for a client)' : ''
    const problem =
      missingMethods('the acceptor', given, acceptorShape) ??
      wrongUrl(reading('url of the acceptor', () => given.url)) ??
      wrongKind(
        'release of the acceptor',
        reading('release of the acceptor', () => given.release),
        'function',
      )
    refuse(problem === undefined ? undefined : `${problem}${hint}`)
    return given
  }, refusal)
}

function wrongUrl(url: unknown): string | undefined {
  return typeof url === 'string' ? undefined : `url of the acceptor is ${describeValue(url)}, not a string`
}

/** An endpoint object is not an acceptor: it has a `kind`. An unreadable value is neither. */
function isMeantAsAcceptor(target: unknown): boolean {
  try {
    return (
      typeof target === 'object' &&
      target !== null &&
      !('kind' in target) &&
      ['listen', 'connect', 'release', 'url'].some((name) => name in target)
    )
  } catch {
    return false
  }
}

/** Whether an address begins with a scheme that no transport of this server owns: `ws://`. */
function foreignScheme(target: unknown, transports: readonly ServerTransport[]): boolean {
  const scheme = typeof target === 'string' && target.includes('://') ? addressScheme(target) : undefined
  return scheme !== undefined && !transports.some(({ schemes }) => schemes.includes(scheme))
}

function unknownTransport(cause: unknown, transports: readonly ServerTransport[]): ServerError {
  const schemes = transports.flatMap((transport) => transport.schemes).join(' and ')
  return refusal(
    `${textOfThrown(cause)} This server supports ${schemes}. For another transport, give an Acceptor, an object with url and listen(events) (docs/transports.md)`,
    { cause },
  )
}
