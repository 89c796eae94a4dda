import { checkedDefinition } from './check-definition.ts'
import type { ReceivedType, Schema, SentType } from './schema.ts'

/**
 * Something a server tells its clients, scoped to a topic. Made by {@link event}; `contract()` gives it its
 * name, and only the one in `contract.events` can be published.
 */
export interface EventDefinition<
  Payload extends Schema = Schema,
  Topic extends Schema | undefined = Schema | undefined,
> {
  readonly kind: 'event'
  readonly payload: Payload
  readonly topic: Topic
}

/** An event as found in `contract.events`: it knows its full name, `chat/line`. */
export interface ContractEvent<
  Payload extends Schema = Schema,
  Topic extends Schema | undefined = Schema | undefined,
> extends EventDefinition<Payload, Topic> {
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
  readonly [Name in keyof Events]: Events[Name] extends EventDefinition<infer Payload, infer Topic>
    ? ContractEvent<Payload, Topic>
    : ContractEvent
}

/**
 * Declares an event.
 *
 * ```ts
 * event(Line, { topic: z.object({ room: z.string() }) })
 * event(Notice)                                            // for everybody who listens
 * ```
 *
 * A topic is plain JSON (strings, numbers, booleans, null, arrays, plain objects) and is compared by value,
 * as it was given: the order of members does not matter, and transforms of its schema do not run.
 *
 * @throws ProtocolError INVALID_CONTRACT for unknown options
 */
export function event<Payload extends Schema, Topic extends Schema | undefined = undefined>(
  payload: Payload,
  options?: { readonly topic?: Topic },
): EventDefinition<Payload, Topic>
export function event(
  payload: Schema,
  options: { readonly topic?: Schema | undefined } = {},
): EventDefinition {
  const { topic } = checkedDefinition('event', options, { topic: undefined })
  return Object.freeze({ kind: 'event', payload, topic })
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
