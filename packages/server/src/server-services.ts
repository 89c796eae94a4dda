import { uploadWindows } from '@frameport/protocol/serving'
import { createSessionHost } from '@frameport/protocol/session'
import { HandlerCount } from './call/handler-count.ts'
import {
  checkAuthorizer,
  checkContextOption,
  checkedContext,
  checkResumeOption,
} from './check-server-options.ts'
import { ConnectionHooks } from './connection-hooks.ts'
import type { ConnectionServices } from './connection-services.ts'
import { loggerOf } from './console-logger.ts'
import { resolveEventLogs } from './event-log/event-logs.ts'
import { LogCalls } from './event-log/log-calls.ts'
import { ServerLedger } from './events/server-ledger.ts'
import { Subscriptions } from './events/subscriptions.ts'
import type { TopicFeed } from './events/topic-feed.ts'
import { ContractNotices } from './handlers/contract-notices.ts'
import { hintAllowance } from './handlers/hint-allowance.ts'
import type { Implementation } from './handlers/implementer-types.ts'
import { Router } from './handlers/router.ts'
import type { ResolvedServerLimits } from './limits.ts'
import type { HookFacts, ServerOptions } from './option-types.ts'
import { principals } from './resume/principals.ts'
import type { ServerPlatform } from './server-transport.ts'
import { Shares } from './shares/shares.ts'

/** The parts of the server that its services call. */
export interface ServerParts extends HookFacts, Pick<ConnectionServices, 'connected' | 'lost' | 'left'> {
  /** Starts to deliver the events that other servers publish to a topic. */
  feed(key: string): TopicFeed | undefined
}

/**
 * Checks the options of a server against its implementations, and creates the services that all its connections share.
 *
 * @throws ServerError `DUPLICATE_CONTRACT`, `INVALID_OPTION`
 */
export function serverServices(
  implementations: readonly Implementation<never, unknown>[],
  options: ServerOptions<unknown>,
  limits: ResolvedServerLimits,
  { environment, handledCalls, digest, diagnostics }: ServerPlatform,
  { publish, connections, feed, connected, lost, left }: ServerParts,
): ConnectionServices {
  const clock = options.environment ?? environment
  const { serverTurnMs: turnMs, memoryBytesMax } = limits.server
  checkResumeOption(options.resume, limits.session)
  const log = loggerOf(options.log)
  const mayHint = hintAllowance(clock, limits.server)
  const router = new Router(implementations, { strict: options.strict ?? false, mayHint })
  const callsClients = router.contracts.some(({ clientProcedureEntries }) => clientProcedureEntries.size > 0)
  checkContextOption(implementations, options.context)
  checkAuthorizer(router.hasClientEvents, options.authorizeSubscribe)
  const eventLogs = resolveEventLogs(options.eventLogs, (event) => router.checkEvent(event), {
    isShared: options.eventBus !== undefined,
  })
  return {
    router,
    authorizeSubscribe: router.hasClientEvents ? options.authorizeSubscribe : undefined,
    handlers: new HandlerCount(limits.server),
    subscriptions: new Subscriptions(feed),
    contractNotices: new ContractNotices(router.announcements),
    environment: clock,
    host: createSessionHost({ environment: clock, turnMs, memoryBytesMax }),
    eventLedger: new ServerLedger(limits.server.eventBytesWaitingMax),
    eventLogs,
    logCalls: new LogCalls(clock, limits.server.logTimeoutMs),
    log,
    shares: new Shares({ environment: clock, log, limits: limits.server, shareKey: options.shareKey }),
    validateOutputs: options.validateOutputs ?? true,
    uploads: uploadWindows(limits.server, limits.session),
    clientCalls: {
      interceptors: options.clientCalls?.interceptors ?? [],
      defaultDeadlineMs: options.clientCalls?.defaultDeadlineMs,
      streamWindow: { items: limits.server.streamWindowItems, bytes: limits.server.streamWindowBytes },
      // Created now, so that it sees the handler that makes the first call.
      handledCalls:
        callsClients && options.clientCalls?.inheritDeadline !== false ? handledCalls() : undefined,
    },
    publish,
    connections,
    limits: limits.server,
    // Frozen, so that all sessions share the values derived from them.
    sessionLimits: Object.freeze(limits.session),
    endingSessionLimits: Object.freeze({ ...limits.session, resumeBytes: 0 }),
    makeContext: async (hello, connection, challenge) =>
      options.context === undefined
        ? {}
        : checkedContext(await options.context({ hello, connection, challenge })),
    renewContext: options.renewContext,
    diagnostics,
    hooks: new ConnectionHooks(options, { publish, connections }, diagnostics),
    resume: options.resume,
    principals: principals(options.principal, digest),
    connected,
    lost,
    left,
  }
}
