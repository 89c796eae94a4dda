import type { EventToLog, LoggedTopic } from './event-log.ts'

/** A topic of an event, as it stands on the wire. */
export type BusTopic = LoggedTopic

/** An event that goes from one server to the others. Its bytes are not changed any more: they are encoded once for all servers. */
export type BusEvent = EventToLog

/** What a bus tells one server. */
export interface BusReceiver {
  /**
   * Another server has published this event. The events of one server come in the order in which it published them; those of several servers come in any
   * order. Never for what this server published itself.
   */
  event(event: BusEvent): void
  /** Events of this topic, or of every topic when there is none, may be missing from here on: the broker was away, or had no room. */
  gap(topic?: BusTopic): void
}

/** One server on a bus. */
export interface BusMember {
  /**
   * Hands an event to all other servers that listen to its topic. What it gives settles when the broker has taken the event, so that who waits for it goes no
   * faster than the broker. Throws or rejects when the broker has not taken it; other servers may have it all the same.
   */
  publish(event: BusEvent): void | PromiseLike<void>
  /**
   * Events of this topic are wanted. What it gives settles when those arrive that are published from then on, and rejects when the broker is away: the bus goes on trying
   * then, and tells of a gap when it has listened again. A topic is listened to once at a time.
   */
  listen(topic: BusTopic): void | PromiseLike<void>
  /** They are not wanted any more. */
  ignore(topic: BusTopic): void
  /** The server has ended: nothing is wanted, and the receiver is not called any more. Idempotent. */
  leave(): void | PromiseLike<void>
}

/**
 * Carries events between servers: across the threads of a process, or across machines. A server delivers what it publishes to its own subscribers by itself, and
 * hands it to the bus for the others.
 *
 * Events that a log keeps do not go over the bus: see `EventLog.follow`.
 */
export interface EventBus {
  /** A server begins to use it. */
  join(receiver: BusReceiver): BusMember
}
