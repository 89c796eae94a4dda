import type { Contract, ContractEvent, RpcError } from '@frameport/protocol'
import type { CallsOfSignals } from '@frameport/protocol/calling'
import { textOfThrown } from '@frameport/protocol/checks'
import { type EnterContext, type HandlerBinding, uploadWindows } from '@frameport/protocol/serving'
import type { Session, SessionEnvironment, SessionLimits } from '@frameport/protocol/session'
import type { AnyClientOptions } from './any-client-options.ts'
import type { HandlerFailure } from './client-handlers.ts'
import type { FailedSubscription, TopicGap } from './client-options.ts'
import type { ClientDiagnostics } from './diagnostics-types.ts'
import { ClientDifferences } from './differences/client-differences.ts'
import type { NextConnection } from './differences/next-connection.ts'
import type { ServerDifferences } from './differences/server-differences.ts'
import { EventListeners, type TopicSubscriptions } from './events/event-listeners.ts'
import { eventReport } from './events/event-reports.ts'
import type { ListenedTopic } from './events/listened-topic.ts'
import { ListenerSilence } from './events/listener-silence.ts'
import { StrictSubscriptions } from './events/strict-subscriptions.ts'
import { WireSubscriptions } from './events/wire-subscriptions.ts'
import type { ClientLimits } from './limits.ts'
import { ServedCalls } from './serving/served-calls.ts'

/** The parts of a client in addition to its session and its calls. */
export interface ClientParts {
  readonly listeners: EventListeners
  readonly silence: ListenerSilence
  readonly differences: ClientDifferences
  /** Answers the server's calls. Absent for a client without handlers. */
  readonly served: ServedCalls | undefined
  /** Called when the server has ended a subscription. @param callId of the call that requested it */
  readonly subscriptionEnded: (callId: number, error: RpcError) => void
}

/** The services that the parts of a client use. */
export interface ClientPartsOptions {
  readonly options: AnyClientOptions
  /** The bindings of its handlers. Absent for a client without handlers. */
  readonly bindings: readonly HandlerBinding[] | undefined
  readonly limits: ClientLimits
  readonly sessionLimits: Partial<SessionLimits>
  readonly environment: SessionEnvironment
  readonly remoteEndpoint: string
  /** The current session. It is created after the parts. */
  readonly session: () => Session
  /** The differences from the current server. */
  readonly serverDifferences: () => ServerDifferences
  /** The calls that each signal cancels. */
  readonly signals: CallsOfSignals
  readonly nextConnection: NextConnection
  /** The reason why there will be no further connection. */
  readonly endError: () => RpcError | undefined
  /** Runs user code in the user's async context. */
  readonly enter: (run: () => void) => void
  /** See `ClientPlatform.keepContext`. */
  readonly keepContext: () => EnterContext
  readonly diagnostics: ClientDiagnostics | undefined
  /** Receives the errors of user callbacks. Called in the user's context. */
  readonly report: (error: unknown) => void
}

/**
 * Connects the listeners of a client with their subscriptions, and both with the differences of the server's contract.
 */
export function clientParts(contract: Contract, on: ClientPartsOptions): ClientParts {
  const { options, limits, environment, session, enter, report } = on
  const invalidEvent = eventReport(options.onInvalidEvent, 'onInvalidEvent', ({ message }) => message, report)
  const missed = eventReport(options.onEventGap, 'onEventGap', textOfGap, report)
  const silent = eventReport(options.onSilentListener, 'onSilentListener', textOfSilence, report)
  const silence = new ListenerSilence(environment, limits.silentListenerMs, (event) =>
    enter(() => silent(event)),
  )
  const differences = new ClientDifferences(contract, {
    ...options,
    environment,
    current: on.serverDifferences,
    signals: on.signals,
    nextConnection: on.nextConnection,
    remoteEndpoint: on.remoteEndpoint,
    hookFailed: report,
    enter,
  })
  const { topics, ended } = subscriptions(differences, on, (event, topic) =>
    listeners.areAwaited(event, topic),
  )
  const listeners: EventListeners = new EventListeners(contract, {
    queuedMax: { events: limits.eventsQueuedMax, bytes: limits.eventBytesQueuedMax },
    silence,
    onUncaught: (error) => enter(() => report(error)),
    onInvalidEvent: (error, event) => {
      const tell = (explained: RpcError) => enter(() => invalidEvent(explained))
      if (event === undefined) tell(error)
      else differences.explainEvent(event, error, tell)
    },
    onGap: (gap) => enter(() => missed(gap)),
    outage: () => on.nextConnection.awaited?.then(on.endError),
    topics,
    onOverflow: (message) => session().abort({ code: 'LIMIT_EXCEEDED', message }),
  })
  return {
    listeners,
    silence,
    differences,
    served: servedCalls(contract, on),
    subscriptionEnded: (callId, error) => ended(callId, error, (topic) => listeners.end(topic)),
  }
}

function servedCalls(contract: Contract, on: ClientPartsOptions): ServedCalls | undefined {
  const { options, bindings, limits, sessionLimits, environment, enter, report, keepContext, diagnostics } =
    on
  const { strict = false } = options
  if (bindings === undefined) return undefined
  const tell = eventReport(options.onHandlerFailed, 'onHandlerFailed', textOfHandler, report)
  return new ServedCalls(contract, bindings, {
    strict,
    serving: { environment, validateOutputs: true, uploads: uploadWindows(limits, sessionLimits) },
    failed: (failed) => enter(() => tell(failed)),
    enter,
    keepContext,
    diagnostics,
  })
}

interface Subscribing {
  readonly topics: TopicSubscriptions
  /** @param end removes the listeners on the topic, before the user is informed */
  ended(callId: number, error: RpcError, end: (topic: ListenedTopic) => void): void
}

function subscriptions(
  differences: ClientDifferences,
  on: ClientPartsOptions,
  areAwaited: EventListeners['areAwaited'],
): Subscribing {
  const { options, session, enter, report } = on
  const tell = eventReport(options.onSubscribeFailed, 'onSubscribeFailed', textOfFailure, report)
  const failed = ({ name: event }: ContractEvent, topic: string, error: RpcError, wasSubscribed: boolean) =>
    enter(() => tell({ event, topic: topic === '' ? undefined : JSON.parse(topic), error, wasSubscribed }))
  const refused = (event: ContractEvent, topic: string, error: RpcError) => {
    const { state } = session()
    if (state !== 'open' && state !== 'draining') return
    // The console shows only refusals that are reported nowhere else.
    if (options.onSubscribeFailed === undefined && areAwaited(event, topic)) return
    failed(event, topic, error, false)
  }
  const overWire = new WireSubscriptions(
    session,
    (event, error, tell) => differences.explainEvent(event, error, tell),
    refused,
  )
  const { strict } = differences
  return {
    topics:
      strict === undefined
        ? overWire
        : new StrictSubscriptions(overWire, (event) => strict.admitEvent(event), refused),
    ended(callId, error, end) {
      const topic = overWire.ended(callId)
      if (topic === undefined) return
      end(topic)
      failed(topic.event, topic.topic, error, true)
    },
  }
}

function textOfGap({ event, events }: TopicGap): string {
  return `the server left out ${events === 0 ? 'some' : events} events of ${event} for this client`
}

function textOfSilence(event: string): string {
  return (
    `this client listens to ${event} but has made no call so far. The server sends that event only after a handler ` +
    `(or onConnection) has called connection.subscribe, or if the contract has subscribe: 'clients'`
  )
}

function textOfHandler({ procedure, error }: HandlerFailure): string {
  return `the handler of ${procedure} failed: ${textOfThrown(error)}`
}

function textOfFailure({ event, error }: FailedSubscription): string {
  return `the server does not subscribe this client to ${event} (${error.code}): ${error.message}`
}
