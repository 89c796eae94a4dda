import type { Contract, RpcError, SessionCloseReason } from '@frameport/protocol'
import { type CallFunctionsOptions, callFunctions, madeAgain } from '@frameport/protocol/calling'
import { asyncDispose } from '@frameport/protocol/checks'
import type { ClientConnection } from './client-types.ts'
import type { ConnectionHold } from './connect/connection-hold.ts'
import type { KeptSession } from './connect/kept-sessions.ts'
import { OfflineCalls } from './connect/offline-calls.ts'
import type { SessionKeeper } from './connect/session-keeper.ts'
import type { ClientDifferences } from './differences/client-differences.ts'
import type { EventListeners } from './events/event-listeners.ts'

/** The parts to which the surface of a client forwards. */
interface ClientSurfaceParts {
  readonly calls: Omit<CallFunctionsOptions, 'admitted'>
  readonly offline: 'wait' | 'fail' | undefined
  readonly keeper: Pick<SessionKeeper<KeptSession>, 'current' | 'status' | 'stats'>
  readonly differences: ClientDifferences
  readonly listeners: EventListeners
  readonly hold: ConnectionHold
  readonly remoteEndpoint: () => string
  /** Settles with the reason when there will be no connection. Never rejects. */
  readonly opened: Promise<RpcError | undefined>
  readonly closed: Promise<SessionCloseReason>
  /** See `$connection.renewAuth`, with its arguments. */
  renewAuth(given: readonly unknown[]): Promise<void>
  /** See `$close`. */
  close(options?: { readonly graceMs?: number | undefined }): Promise<void>
}

/** The object for users: the procedures, and the members that begin with `$`. Each function can be detached from it. */
export function clientSurface(contract: Contract, parts: ClientSurfaceParts): object {
  const { keeper, listeners, differences, hold } = parts
  const offlineCalls = parts.offline === 'fail' ? new OfflineCalls(keeper.status) : undefined
  const connection: ClientConnection = {
    get state() {
      return keeper.status.state
    },
    get remoteEndpoint() {
      return parts.remoteEndpoint()
    },
    opened: async () => {
      const failure = await parts.opened
      if (failure !== undefined) throw madeAgain(failure)
    },
    closed: () => parts.closed,
    renewAuth: (...given: [auth?: unknown]) => parts.renewAuth(given),
    stats: () => keeper.stats(),
    differences: () => differences.all(),
  }
  return Object.freeze({
    ...callFunctions(contract.name, contract.procedureEntries.values(), {
      ...parts.calls,
      admitted: admission(differences.strict, offlineCalls),
    }),
    $on: (name: string, ...args: unknown[]) => listeners.add(name, args),
    $connection: Object.freeze(connection),
    $ref: () => hold.set(true),
    $unref: () => hold.set(false),
    $close: (options?: { readonly graceMs?: number | undefined }) => parts.close(options),
    [asyncDispose]: () => parts.close(),
  })
}

/** Returns the function that runs before each call; undefined if there is none. */
function admission(
  strict: ClientDifferences['strict'],
  offline: OfflineCalls | undefined,
): CallFunctionsOptions['admitted'] {
  if (offline === undefined)
    return strict === undefined ? undefined : (entry, start) => strict.admitted(entry, start)
  return (entry, start) =>
    offline.admitted(entry, strict === undefined ? start : strict.admitted(entry, start))
}
