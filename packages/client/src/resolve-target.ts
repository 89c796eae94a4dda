import type { ByteStream, FrameChannel } from '@frameport/framing'
import {
  addressScheme,
  describeValue,
  missingMethods,
  shapes,
  transportFor,
} from '@frameport/protocol/checks'
import { ClientError } from './client-error.ts'
import type { ClientTransport } from './client-transport.ts'
import type { Connector } from './connector.ts'

/** What a client can be made over: the connection itself, or what makes it. */
export type ResolvedTarget =
  | { readonly connection: FrameChannel | ByteStream; readonly connector?: undefined }
  | { readonly connector: Connector; readonly connection?: undefined }

/**
 * Finds out what `target` is, and asks the transport of its scheme where it is an address.
 *
 * @throws ClientError `INVALID_TARGET`; what the transport says of an address
 */
export function resolveTarget(
  target: unknown,
  transports: readonly ClientTransport[],
  options: object,
): ResolvedTarget {
  if (isConnection(target)) return { connection: target }
  if (isConnector(target)) return { connector: target }
  const transport = transportFor(target, transports)
  const isAddress = typeof target === 'string' || addressScheme(target) !== undefined
  if (!isAddress || transport === undefined) throw new ClientError('INVALID_TARGET', describeValue(target))
  return { connector: transport.connector(target as string | object, options) }
}

/** True for what has the methods of a ByteStream, as a FrameChannel has. */
function isConnection(target: unknown): target is FrameChannel | ByteStream {
  return target !== undefined && asks(() => missingMethods('target', target, shapes.stream) === undefined)
}

function isConnector(target: unknown): target is Connector {
  return asks(() => isObject(target) && typeof target.connect === 'function' && target.url !== undefined)
}

/** What cannot be looked at (a revoked Proxy, a getter that throws) has no shape. */
function asks(question: () => boolean): boolean {
  try {
    return question()
  } catch {
    return false
  }
}

function isObject(value: unknown): value is { readonly connect?: unknown; readonly url?: unknown } {
  return typeof value === 'object' && value !== null
}
