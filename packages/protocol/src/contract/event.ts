import { describeValue } from '../checks/check-value.ts'
import type { SlowPolicy } from '../envelope/slow-policy.ts'
import { checkedDefinition } from './check-definition.ts'
import { invalidContract } from './names.ts'
import type {
  GiveAStandardSchema,
  OptionalSchemaTypes,
  ReceivedType,
  Schema,
  SchemaTypes,
  SentType,
} from './schema.ts'

/**
 * Who subscribes a client to the topics of an event: the handlers of the server, or the clients themselves when they listen,
 * if the server's `authorizeSubscribe` lets them.
 */
export type SubscriptionOrigin = 'handlers' | 'clients'

/** The schemas of an event, and who subscribes a client to it. */
export interface EventTypes {
  readonly payload: Schema
  readonly topic: Schema | undefined
  readonly subscribe: SubscriptionOrigin
}

/**
 * Something a server tells its clients, scoped to a topic. Made by {@link event}; `contract()` gives it its
 * name, and only the one in `contract.events` can be published.
 */
export interface EventDefinition<out Types extends EventTypes = EventTypes> {
  readonly kind: 'event'
  readonly payload: Types['payload']
  readonly topic: Types['topic']
  readonly subscribe: Types['subscribe']
  readonly whenSlow: SlowPolicy
}

/** An event as found in `contract.events`: it knows its full name, `chat/line`. */
export interface ContractEvent<out Types extends EventTypes = EventTypes> extends EventDefinition<Types> {
  readonly name: string
  /** As it travels, with the version of its contract: `chat@2/line`. */
  readonly wireName: string
}

/** What recognises an event: asked of the members of a contract, for the reasons of `ProcedureMark`. */
export interface EventMark {
  readonly kind: 'event'
}

export interface EventGroup {
  readonly [name: string]: EventMark
}

/** The events of a contract, each with its full name. */
export type ContractEvents<Events extends EventGroup> = {
  readonly [Name in keyof Events]: Events[Name] extends EventDefinition<infer Types>
    ? ContractEvent<Types>
    : ContractEvent
}

/** How an event goes to its clients. */
export interface EventOptions<
  Topic extends GiveAStandardSchema | undefined,
  Subscribe extends SubscriptionOrigin,
> {
  /** What scopes it. Default: nothing. */
  readonly topic?: Topic
  /** Who subscribes a client to a topic. Default `handlers`. */
  readonly subscribe?: Subscribe
  /** What becomes of it for a subscriber that does not keep up. Default `block`. */
  readonly whenSlow?: SlowPolicy
}

/**
 * Declares an event.
 *
 * ```ts
 * event(Line, { topic: z.object({ room: z.string() }) })
 * event(Price, { topic: Share, subscribe: 'clients', whenSlow: 'dropOldest' })
 * event(Notice)                                            // for everybody who is subscribed
 * ```
 *
 * A topic is plain JSON (strings, numbers, booleans, null, arrays, plain objects) and is compared by value,
 * as it was given: the order of members does not matter, and transforms of its schema do not run.
 *
 * @throws ProtocolError INVALID_CONTRACT for unknown or wrong options
 */
export function event<
  Payload extends GiveAStandardSchema,
  Topic extends GiveAStandardSchema | undefined = undefined,
  const Subscribe extends SubscriptionOrigin = 'handlers',
>(
  payload: Payload,
  options?: EventOptions<Topic, Subscribe>,
): EventDefinition<{ payload: SchemaTypes<Payload>; topic: OptionalSchemaTypes<Topic>; subscribe: Subscribe }>
export function event(
  payload: Schema,
  options: EventOptions<Schema | undefined, SubscriptionOrigin> = {},
): EventDefinition {
  const {
    topic,
    subscribe = 'handlers',
    whenSlow = 'block',
  } = checkedDefinition('event', options, { topic: undefined, subscribe: undefined, whenSlow: undefined })
  checkChoice('subscribe', subscribe, ['handlers', 'clients'])
  checkChoice('whenSlow', whenSlow, ['block', 'dropOldest', 'disconnect'])
  return Object.freeze({ kind: 'event', payload, topic, subscribe, whenSlow })
}

function checkChoice(name: string, given: unknown, choices: readonly string[]): void {
  if (choices.includes(given as string)) return
  const known = choices.map((choice) => `'${choice}'`).join(', ')
  throw invalidContract(`The event cannot be made: ${name} is ${describeValue(given)}, not one of ${known}.`)
}

/** What a server gives when it publishes event `E`. */
export type PayloadSentOf<E extends EventDefinition> = SentType<E['payload']>

/** What a listener of event `E` gets. */
export type PayloadOf<E extends EventDefinition> = ReceivedType<E['payload']>

/** The topic of event `E`: `undefined` for one without. */
export type TopicOf<E extends EventDefinition> = SentType<E['topic']>

/** The topic as an argument: none for an event without topic. */
export type TopicArguments<E extends EventDefinition> = E['topic'] extends Schema
  ? [topic: SentType<E['topic']>]
  : []
