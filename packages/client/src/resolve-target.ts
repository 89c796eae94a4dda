import type { ByteStream, FrameChannel } from '@frameport/framing'
import {
  addressScheme,
  checking,
  describeValue,
  missingMethods,
  reading,
  shapes,
  textOfThrown,
  transportFor,
  wrongConnection,
  wrongKind,
} from '@frameport/protocol/checks'
import { ClientError } from './client-error.ts'
import type { ClientTransport } from './client-transport.ts'
import type { Connector } from './connector.ts'

/** The result for `target`: a connection, or connectors. */
export type ResolvedTarget =
  | { readonly connection: FrameChannel | ByteStream; readonly connectors?: undefined }
  | { readonly connectors: readonly Connector[]; readonly connection?: undefined }

/**
 * Resolves `target`. An address is passed to the transport of its scheme.
 *
 * @throws ClientError `INVALID_TARGET`; other errors of the transport about an address
 */
export function resolveTarget(
  target: unknown,
  transports: readonly ClientTransport[],
  options: object,
): ResolvedTarget {
  if (isArray(target)) return { connectors: resolveEach(target, transports, options) }
  const found = foundTarget(target)
  if (found !== undefined) return found
  const transport = transportFor(target, transports)
  const scheme = addressScheme(target)
  const isAddress = typeof target === 'string' || scheme !== undefined
  if (!isAddress || transport === undefined)
    throw refusal(nearlyTarget(target) ?? `the target is ${describeValue(target)}`)
  try {
    return { connectors: [transport.connector(target as string | object, options)] }
  } catch (error) {
    const known = transports.flatMap(({ schemes }) => schemes)
    const isForeign = typeof target === 'string' && target.includes('://') && !known.includes(scheme ?? '')
    throw isForeign ? unknownTransport(ClientError.is(error) ? error.cause : error, known) : error
  }
}

/** @throws ClientError `INVALID_TARGET` for a connection or a connector with a wrong member */
function foundTarget(target: unknown): ResolvedTarget | undefined {
  return checking(() => {
    if (hasMethods(target, shapes.stream.methods)) {
      refuse(wrongConnection('the target', target))
      return { connection: target as FrameChannel | ByteStream }
    }
    if (!hasMethods(target, ['connect']) || typeof urlOf(target) !== 'string') return undefined
    const connector = target as Connector
    const release = reading('release of the connector', () => connector.release)
    refuse(wrongKind('release of the connector', release, 'function'))
    return { connectors: [connector] }
  }, refusal)
}

/** @throws ClientError `INVALID_TARGET` for an empty array, or an entry that is neither an address nor a connector */
function resolveEach(
  targets: readonly unknown[],
  transports: readonly ClientTransport[],
  options: object,
): readonly Connector[] {
  const given = checking(() => [...targets], refusal)
  if (given.length === 0) throw refusal('the target is an empty array')
  return given.map((target, index) => {
    const { connectors } = isArray(target) ? {} : resolveTarget(target, transports, options)
    const [connector] = connectors ?? []
    if (connector !== undefined) return connector
    throw refusal(`target[${index}] is ${describeValue(target)}, not an address or a connector`)
  })
}

function isArray(value: unknown): value is readonly unknown[] {
  return asks(() => Array.isArray(value)) ?? false
}

/** Describes what an incomplete target lacks. Returns undefined if it resembles no target. */
function nearlyTarget(target: unknown): string | undefined {
  const { stream } = shapes
  if (stream.methods.filter((method) => hasMethods(target, [method])).length > 1)
    return asks(() => wrongConnection('the target', target))
  if (hasMethods(target, ['listen'])) return 'the target is an Acceptor, which is for servers'
  if (hasMethods(target, ['then'])) return 'the target is a promise: await it, or give a Connector'
  if (hasMethods(target, ['connect']))
    return `url of the connector is ${describeValue(urlOf(target))}, not a string`
  if (urlOf(target) === undefined) return undefined
  return asks(() => missingMethods('the target', target, { what: 'a Connector', methods: ['connect'] }))
}

function hasMethods(target: unknown, methods: readonly string[]): boolean {
  const given = target as Readonly<Record<string, unknown>>
  return asks(() => methods.every((method) => typeof given[method] === 'function')) ?? false
}

function urlOf(target: unknown): unknown {
  return asks(() => (target as { readonly url?: unknown }).url)
}

/** An unreadable value (a revoked Proxy, a getter that throws) has no shape. */
function asks<Answer>(question: () => Answer): Answer | undefined {
  try {
    return question()
  } catch {
    return undefined
  }
}

function unknownTransport(cause: unknown, known: readonly string[]): ClientError {
  return refusal(
    `${textOfThrown(cause)} This client has the transports ${known.join(', ')}. For another one, give a Connector: an object with url and connect(options) (docs/transports.md)`,
    { cause },
  )
}

function refuse(problem: string | undefined): void {
  if (problem !== undefined) throw refusal(problem)
}

function refusal(problem: string, options: { readonly cause?: unknown } = {}): ClientError {
  return new ClientError('INVALID_TARGET', problem, options)
}
