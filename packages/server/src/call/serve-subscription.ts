import { type ContractEvent, isStandardCode, ProtocolError, RpcError } from '@frameport/protocol'
import { parseWith, topicOfText } from '@frameport/protocol/contract'
import type { Body } from '@frameport/protocol/envelope'
import type { IncomingSubscription } from '@frameport/protocol/session'
import { emptyContext } from '../async-context.ts'
import type { ConnectionSubscriptions } from '../events/connection-subscriptions.ts'
import { subscriptionKey } from '../events/subscriptions.ts'
import type { Router } from '../handlers/router.ts'
import type { HookFacts, SubscriptionFacts } from '../option-types.ts'
import type { CallSource } from './call-source.ts'
import type { HandlerCount } from './handler-count.ts'

/** What serving a subscription needs of the server. */
export interface SubscriptionServices extends HookFacts {
  readonly router: Router
  readonly handlers: HandlerCount
  /** Whether a client may have the events of a topic. Absent: no contract has an event that clients subscribe to. */
  readonly authorizeSubscribe: ((facts: SubscriptionFacts<unknown>) => unknown) | undefined
}

const nothing: Body = { kind: 'none' }

/** Decides about what a client asks for, and answers. Never rejects. */
export async function serveSubscription(
  services: SubscriptionServices,
  request: IncomingSubscription,
  subscriptions: ConnectionSubscriptions,
  source: CallSource,
): Promise<void> {
  const { kind, event: name, topic: text, call } = request
  const { connection, context, share } = source
  const key = subscriptionKey(name, text)
  try {
    const event = subscribableEvent(services.router, name)
    if (kind === 'unsubscribe') subscriptions.remove(key, 'clients')
    else if (!subscriptions.has(key, 'clients')) {
      const { metadata } = call
      const decision = subscriptions.decide(key, call.signal)
      const { signal } = decision
      try {
        await services.handlers.run(share, async () => {
          const topic = await checkedTopic(event, text)
          const { publish, connections } = services
          const reach = { publish, connections }
          await authorize(services, { event, topic, connection, context, metadata, signal, ...reach })
        })
        decision.subscribe()
      } catch (error) {
        // Nobody waits for the decision any more, and the hook was told.
        if (!signal.aborted) throw error
        const facts = { connection: connection.id, event: name, err: error }
        share.log.debug(facts, 'authorizeSubscribe failed behind the end of its subscription')
      } finally {
        decision.end()
      }
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

/** What the client is told. What is no RpcError with a standard code is the server's own affair, and goes to the log. */
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
