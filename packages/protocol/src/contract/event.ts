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
 * Who subscribes a client to the topics of an event.
 *
 * - `handlers`: the handlers of the server
 * - `clients`: the clients, by listening, if `authorizeSubscribe` of the server allows it
 */
export type SubscriptionOrigin = 'handlers' | 'clients'

/** The types of the schemas of an event, and who subscribes to it. */
export interface EventTypes {
  /** The schema of the payload. */
  readonly payload: Schema
  /** The schema of the topic; `undefined` for an event without topics. */
  readonly topic: Schema | undefined
  /** Who subscribes a client to the event. */
  readonly subscribe: SubscriptionOrigin
}

/**
 * An event that a server publishes to its clients. Made by {@link event}. `contract()` gives it its name, and only
 * the event in `contract.events` can be published.
 */
export interface EventDefinition<out Types extends EventTypes = EventTypes> {
  readonly kind: 'event'
  /** The schema of the payload. */
  readonly payload: Types['payload']
  /** The schema of the topic; undefined for an event without topics. */
  readonly topic: Types['topic']
  /** Who subscribes a client to the event. */
  readonly subscribe: Types['subscribe']
  /** What happens to the event at a subscriber that does not keep up. */
  readonly whenSlow: SlowPolicy
}

/** An event of a contract, as found in `contract.events`. */
export interface ContractEvent<out Types extends EventTypes = EventTypes> extends EventDefinition<Types> {
  /** The full name: `chat/line`. */
  readonly name: string
  /** The name on the wire, with the version of the contract: `chat@2/line`. */
  readonly wireName: string
}

/**
 * Distinguishes an event from other values. Contracts require no more than this, for the reasons of `ProcedureMark`.
 */
export interface EventMark {
  readonly kind: 'event'
}

/** The events of a contract by name. */
export interface EventGroup {
  readonly [name: string]: EventMark
}

/** The events of a contract, each with its full name. */
export type ContractEvents<Events extends EventGroup> = {
  readonly [Name in keyof Events]: Events[Name] extends EventDefinition<infer Types>
    ? ContractEvent<Types>
    : ContractEvent
}

/** Options of {@link event}. */
export interface EventOptions<
  Topic extends GiveAStandardSchema | undefined,
  Subscribe extends SubscriptionOrigin,
> {
  /** The schema of the topic to which a published event is limited. Default: the event has no topics. */
  readonly topic?: Topic
  /** Who subscribes a client to a topic. Default: `handlers`. */
  readonly subscribe?: Subscribe
  /** What happens to the event at a subscriber that does not keep up. Default: `block`. */
  readonly whenSlow?: SlowPolicy
}

/**
 * Declares an event.
 *
 * A topic is plain JSON: strings, finite numbers, booleans, null, arrays and plain objects. Topics are compared by
 * value, as they were given: the order of members does not matter, and transforms of the schema do not run.
 *
 * @example
 * event(Line, { topic: z.object({ room: z.string() }) })
 * event(Price, { topic: Share, subscribe: 'clients', whenSlow: 'dropOldest' })
 * event(Notice) // without topics
 * @throws ProtocolError INVALID_CONTRACT for an unknown option or a wrong value
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

/** The type of the payload that a server passes when it publishes event `E`. */
export type PayloadSentOf<E extends EventDefinition> = SentType<E['payload']>

/** The type of the payload that a listener of event `E` gets. */
export type PayloadOf<E extends EventDefinition> = ReceivedType<E['payload']>

/** The type of the topic of event `E`; `undefined` for an event without topics. */
export type TopicOf<E extends EventDefinition> = SentType<E['topic']>

/** The topic as an argument list, which is empty for an event without topics. */
export type TopicArguments<E extends EventDefinition> = E['topic'] extends Schema
  ? [topic: SentType<E['topic']>]
  : []
