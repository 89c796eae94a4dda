import type { ContractEvent } from '@frameport/protocol'
import type { EnvelopeBody, LogPosition } from '@frameport/protocol/envelope'

export type { EnvelopeBody, LogPosition } from '@frameport/protocol/envelope'

/** A topic whose events a log keeps, in the form that is sent on the wire. */
export interface LoggedTopic {
  /** The contract, its version and the event: `chat@1/line`. */
  readonly event: string
  /** The topic as canonical JSON: `{"room":"lobby"}`. Empty for an event without topics. */
  readonly topic: string
}

/** An event to be appended to a log. Nobody changes its bytes afterwards, so a log may keep them without a copy. */
export interface EventToLog extends LoggedTopic {
  /** The payload. Its `encoding` is `codec` (JSON in UTF-8), `raw` (bytes), or `none` (no payload). */
  readonly body: EnvelopeBody
  /**
   * Identifies the event within its topic: a log appends an event with an `id` that it remembers only once. 1 to 256
   * characters. Default: no id, so the event is appended each time.
   */
  readonly id?: string | undefined
}

/** The position of an appended event. */
export interface LogPlace extends LogPosition {
  /**
   * True if the log already had an event with this `id`. The position is that of the earlier event, and nothing was
   * appended.
   */
  readonly isRepeat?: boolean | undefined
}

/** An event in a log. */
export interface LogEntry {
  /** The id of the log, and the number of the event in it. */
  readonly position: LogPosition
  /** The payload, as it was appended. */
  readonly body: EnvelopeBody
}

/** A request for the events of a topic after a position. */
export interface LogQuery extends LoggedTopic {
  /**
   * The reading starts with the first event after this position. Undefined: it has no events, only the position at
   * which the log ends now.
   */
  readonly position: LogPosition | undefined
  /** The maximum number of events to return. */
  readonly eventsMax: number
  /** The maximum number of bytes of their bodies. A single event may be longer. */
  readonly bytesMax: number
}

/** The answer of a log to a {@link LogQuery}. */
export interface LogReading {
  /** The events of the topic, oldest first. */
  readonly entries: readonly LogEntry[]
  /**
   * The position at which the next reading starts: that of the last entry, or a later one if the topic has no event in
   * between.
   */
  readonly position: LogPosition
  /** True if, at the time of the reading, the topic had no events after `position`. */
  readonly isEnd: boolean
  /**
   * The number of events of the topic, between the requested position and the first entry, that the log no longer has.
   * 0 if some are missing and the number is unknown, as for a position of another log. Undefined if none is missing.
   */
  readonly missed?: number | undefined
}

/**
 * Keeps events, so that a client that was away receives what it has missed. One log can keep any number of events and
 * topics, and can serve several servers: it is then another process or a service, and this object sends requests to it.
 *
 * The numbers of a topic grow in the order in which one server called `append`. A number that is not greater than the
 * previous one is a failure of the log (`LOG_FAILED`); one that is not greater than the end of an earlier reading is
 * logged as an error. The id of the log (`position.log`, 1 to 32 bytes) must change whenever the log has lost events,
 * so that nobody mistakes new numbers for old ones.
 */
export interface EventLog {
  /**
   * Appends an event and returns its position. If the log remembers the `id` of the event, it returns the position of
   * the earlier event instead; the log decides how long it remembers an id.
   *
   * @throws any error, if the log has not taken the event: the event is then not published. If it rejects, the log may
   *   have the event: subscribers receive a gap, or with `follow` the event itself if the log has it
   */
  append(event: EventToLog): LogPlace | PromiseLike<LogPlace>
  /**
   * Reads the events of a topic after a position. If it throws, rejects, or takes longer than the limit `logTimeoutMs`,
   * the subscriber receives a gap.
   */
  after(query: LogQuery): LogReading | PromiseLike<LogReading>
  /**
   * Reports the events that any server appends to a topic from now on, in the order of the log. Required if several
   * servers share the log, because each of them delivers what any of them appends. Without it, only one server may
   * append, and that server delivers its own events.
   *
   * A server follows a topic once, for as long as it has subscribers. The log may report events before `ready` settles,
   * before `append` returns, and more than once. If `follow` throws, or returns no object with a method `stop`, the
   * server calls it again after 100 ms, and doubles the delay each time up to `logTimeoutMs`.
   */
  follow?(topic: LoggedTopic, follower: LogFollower): LogFollowing
}

/** The receiver of the events of a followed topic. The log calls these methods. */
export interface LogFollower {
  /**
   * An event was appended. Events are reported in the order of the log, or with `previous`: if an event is early, the
   * server reads the log up to it, and then ignores the late one.
   *
   * @param previous the number of the event of this topic before it, 0 if there is none. If that event was not
   *   reported, the server reads the log. Default: the log guarantees the order, and that no event is missing
   */
  event(entry: LogEntry, previous?: number): void
  /** Events may be missing at this point: the server reads the log. */
  missed(): void
}

/** One topic that a server follows. */
export interface LogFollowing {
  /**
   * Settles once all events that are appended from then on are reported. Rejects if the log is unreachable: the log
   * then keeps trying, and calls `missed` when it has succeeded. Undefined: they are already reported.
   */
  readonly ready?: PromiseLike<void> | undefined
  /** Stops following: the log no longer calls the follower. Idempotent. */
  stop(): void
}

/** A request for the events of a topic before a position. */
export interface HistoryQuery extends LoggedTopic {
  /** The reading ends with the last event before this position. Undefined: it ends with the newest event. */
  readonly position: LogPosition | undefined
  /** The maximum number of events to return. */
  readonly eventsMax: number
  /** The maximum number of bytes of their bodies. A single event may be longer. */
  readonly bytesMax: number
}

/** The answer of a log to a {@link HistoryQuery}. */
export interface HistoryReading {
  /** The newest events of the topic before the position, oldest first. */
  readonly entries: readonly LogEntry[]
  /** True if the log has no events of the topic before the first entry. */
  readonly isStart: boolean
}

/** A log that can also be read backwards, for histories that users scroll through. */
export interface EventHistory extends EventLog {
  /** Reads the events of a topic before a position. For a position of another log, it returns the newest events. */
  before(query: HistoryQuery): HistoryReading | PromiseLike<HistoryReading>
}

/** Events of a server, and the log that keeps them. */
export interface EventLogOption {
  /** Keeps the events. With an `eventBus`, it must have `follow`. */
  readonly log: EventLog
  /**
   * The events to keep, such as `chat.events.line`. They must have `subscribe: 'clients'` and belong to contracts that
   * the server implements.
   */
  readonly events: readonly ContractEvent[]
}
