import type { EventToLog, LoggedTopic } from './event-log.ts'

/** One topic of an event, in the form that is sent on the wire. */
export type BusTopic = LoggedTopic

/**
 * An event that one server sends to the others. It is encoded once for all servers, and nobody may change its bytes.
 */
export type BusEvent = EventToLog

/** The server that joined the bus. The bus calls these methods. */
export interface BusReceiver {
  /**
   * Another server has published this event. The events of one server arrive in the order in which it published them;
   * events of different servers arrive in any order. A bus never delivers to a server what that server published
   * itself.
   */
  event(event: BusEvent): void
  /**
   * Events may be missing at this point, for example because the broker was unreachable or had no room.
   *
   * @param topic the topic in which they may be missing. Default: every topic
   */
  gap(topic?: BusTopic): void
}

/** The membership of one server on a bus. The server calls these methods. */
export interface BusMember {
  /**
   * Sends an event to all other servers that listen to its topic.
   *
   * @returns a promise that settles when the broker has taken the event, so that a publisher that awaits it is no
   *   faster than the broker. Nothing, if the broker took it at once
   * @throws any error, synchronously or as a rejection, if the broker has not taken the event. Other servers may still
   * receive it
   */
  publish(event: BusEvent): void | PromiseLike<void>
  /**
   * Starts to deliver the events of a topic. The server never listens to the same topic twice at a time.
   *
   * @returns a promise that settles once all events that are published from then on arrive. It rejects if the broker is
   *   unreachable: the bus then keeps trying, and calls `gap` when it has succeeded
   */
  listen(topic: BusTopic): void | PromiseLike<void>
  /** Undoes `listen`. */
  ignore(topic: BusTopic): void
  /** Ends the membership when the server closes: the bus no longer calls the receiver. Idempotent. */
  leave(): void | PromiseLike<void>
}

/**
 * Carries events between servers: between the threads of a process, or between machines. A server delivers its own
 * events to its own subscribers directly, and hands them to the bus for the other servers.
 *
 * Events that a log keeps do not use the bus: see `EventLog.follow`.
 */
export interface EventBus {
  /**
   * Adds a server. `createServer` calls this once, synchronously.
   *
   * @param receiver gets the events of the other servers
   * @throws any error. `createServer` then throws ServerError `BUS_FAILED` with that error as its cause
   */
  join(receiver: BusReceiver): BusMember
}
