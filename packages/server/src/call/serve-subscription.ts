import { type ContractEvent, isStandardCode, ProtocolError, RpcError } from '@frameport/protocol'
import { parseWith, topicOfText } from '@frameport/protocol/contract'
import type { Body } from '@frameport/protocol/envelope'
import type { IncomingSubscription } from '@frameport/protocol/session'
import { emptyContext } from '../async-context.ts'
import type { EventLogs } from '../event-log/event-logs.ts'
import type { Replays } from '../event-log/replays.ts'
import type { EventLog, LogPosition } from '../event-log.ts'
import type { ConnectionSubscriptions, Decision } from '../events/connection-subscriptions.ts'
import { type Subscriptions, subscriptionKey } from '../events/subscriptions.ts'
import type { Router } from '../handlers/router.ts'
import type { HookFacts, SubscriptionFacts } from '../option-types.ts'
import type { CallSource } from './call-source.ts'
import type { HandlerCount } from './handler-count.ts'

/** The parts of the server that serving a subscription needs. */
export interface SubscriptionServices extends HookFacts {
  readonly router: Router
  readonly handlers: HandlerCount
  /** Decides whether a client may subscribe to a topic. Absent: no contract has an event that clients subscribe to. */
  readonly authorizeSubscribe: ((facts: SubscriptionFacts<unknown>) => unknown) | undefined
  readonly subscriptions: Subscriptions
  /** Absent: no event is logged. */
  readonly eventLogs: EventLogs | undefined
}

/** The subscriptions of a client. */
export interface SubscriptionsOfClient {
  readonly subscribed: ConnectionSubscriptions
  /** Created on first use. */
  readonly replays: Replays
}

/** A subscription that was admitted. */
interface Admitted {
  readonly event: ContractEvent
  readonly key: string
  readonly decision: Decision
  readonly client: SubscriptionsOfClient
}

/**
 * Creates the subscription to a logged event, and answers with the position where its events begin, or with the events
 * after the position in the request.
 *
 * @returns false, without an answer, if it was not created
 * @throws RpcError RESOURCE_EXHAUSTED
 */
async function subscribeToLog(
  log: EventLog,
  { subscriptions }: SubscriptionServices,
  { topic, position, accept }: IncomingSubscription,
  { event, key, decision, client }: Admitted,
): Promise<boolean> {
  const catchUp = client.replays.catchUp({ event, topic, log }, position)
  let begin: LogPosition | undefined
  let isMade = false
  // An event published from now on is held, or is in what is read later.
  subscriptions.add(key, catchUp)
  try {
    const ready = subscriptions.feed(key)?.ready
    if (ready !== undefined) await ready
    if (position === undefined) begin = await catchUp.findEnd()
    isMade = decision.subscribe(catchUp)
  } finally {
    if (!isMade) {
      subscriptions.remove(key, catchUp)
      catchUp.end()
    }
  }
  if (isMade) accept(begin, () => client.replays.start(catchUp))
  return isMade
}

/** Creates the subscription to an event that is not logged. @throws RpcError RESOURCE_EXHAUSTED */
async function subscribeToFeed(
  { subscriptions }: SubscriptionServices,
  { topic, position }: IncomingSubscription,
  { event, key, decision, client }: Admitted,
): Promise<void> {
  if (!decision.subscribe()) return
  const ready = subscriptions.feed(key)?.ready
  if (ready !== undefined) await ready
  // The events after the position are not stored anywhere.
  if (position !== undefined && !decision.signal.aborted) client.replays.gap(event, topic)
}

const nothing: Body = { kind: 'none' }

/** Decides about the request of a client, and answers. Never rejects. */
export async function serveSubscription(
  services: SubscriptionServices,
  request: IncomingSubscription,
  client: SubscriptionsOfClient,
  source: CallSource,
): Promise<void> {
  const { subscribed } = client
  const { kind, event: name, topic: text, call } = request
  const { connection, context, share } = source
  const key = subscriptionKey(name, text)
  try {
    const event = subscribableEvent(services.router, name)
    if (kind === 'unsubscribe') subscribed.remove(key, 'clients')
    else if (!subscribed.has(key, 'clients')) {
      const { metadata } = call
      const decision = subscribed.decide(key, call)
      const { signal } = decision
      try {
        await services.handlers.run(share, async () => {
          const topic = await checkedTopic(event, text)
          const { publish, connections } = services
          const reach = { publish, connections }
          await authorize(services, { event, topic, connection, context, metadata, signal, ...reach })
        })
        const admitted = { event, key, decision, client }
        const log = services.eventLogs?.get(event.wireName)
        if (log === undefined) await subscribeToFeed(services, request, admitted)
        else if (await subscribeToLog(log, services, request, admitted)) return
      } catch (error) {
        // Nobody waits for the decision any more, and the signal of the hook was aborted.
        if (!signal.aborted) throw error
        const facts = { connection: connection.id, event: name, err: error }
        share.log.debug(facts, 'authorizeSubscribe failed after its subscription had ended')
      } finally {
        decision.end()
      }
      if (decision.revocation !== undefined) throw decision.revocation
    }
    call.respond(nothing)
  } catch (error) {
    call.refuse(refusalOf(source, error, name, call.id))
  }
}

/** @throws RpcError UNIMPLEMENTED */
function subscribableEvent(router: Router, name: string): ContractEvent {
  const event = router.event(name)
  if (event.subscribe === 'clients') return event
  throw new RpcError(
    'UNIMPLEMENTED',
    `Clients cannot subscribe to ${event.name}: the handlers of this server subscribe them.`,
  )
}

/** @throws RpcError INVALID_ARGUMENT */
async function checkedTopic(event: ContractEvent, text: string): Promise<unknown> {
  const topic = topicOfText(event, text)
  if (event.topic === undefined) return undefined
  const parsed = await parseWith(event.topic, topic, { what: `the topic of ${event.name}` })
  if (!parsed.ok) throw parsed.error
  return topic
}

/** @throws RpcError PERMISSION_DENIED, and what the hook throws */
async function authorize(
  { authorizeSubscribe }: SubscriptionServices,
  facts: SubscriptionFacts<unknown>,
): Promise<void> {
  const isAllowed = await emptyContext.runInAsyncScope(async () => authorizeSubscribe?.(facts))
  if (isAllowed === true) return
  throw new RpcError(
    'PERMISSION_DENIED',
    `This client may not subscribe to that topic of ${facts.event.name}.`,
  )
}

/**
 * Returns the error for the client. Anything but an RpcError with a standard code is internal to the server, and is
 * logged.
 */
function refusalOf(
  { connection, share }: CallSource,
  error: unknown,
  name: string,
  callId: number,
): RpcError {
  if (ProtocolError.is(error)) return new RpcError('INVALID_ARGUMENT', error.message)
  if (RpcError.is(error) && isStandardCode(error.code) && error.code !== 'INTERNAL') return error
  const reference = `${connection.id}/${callId}`
  share.log.error({ connection: connection.id, event: name, err: error }, 'authorizeSubscribe failed')
  return new RpcError(
    'INTERNAL',
    `The subscription failed. The server's log has the reason under ${reference}.`,
  )
}
