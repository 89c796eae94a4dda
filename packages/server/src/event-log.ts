import type { ContractEvent } from '@frameport/protocol'
import type { EnvelopeBody, LogPosition } from '@frameport/protocol/envelope'

export type { EnvelopeBody, LogPosition } from '@frameport/protocol/envelope'

/** A topic whose events are kept, as it stands on the wire. */
export interface LoggedTopic {
  /** `chat@1/line`. */
  readonly event: string
  /** Canonical JSON, empty for an event without topics: `{"room":"lobby"}`. */
  readonly topic: string
}

/** An event that a log is to keep. Its bytes are not changed any more: a log may keep them as they are. */
export interface EventToLog extends LoggedTopic {
  /** `codec`: JSON in UTF-8. `raw`: bytes. `none`: no payload at all. */
  readonly body: EnvelopeBody
  /** Names the event among those of its topic, so that it is kept once however often it is appended. At most 256 characters. Undefined: it is kept each time. */
  readonly id?: string | undefined
}

/** Where an event stands that was appended. */
export interface LogPlace extends LogPosition {
  /** The log had an event with this `id` before, and this is its place: nothing was appended. */
  readonly isRepeat?: boolean | undefined
}

/** An event that a log has kept. */
export interface LogEntry {
  readonly position: LogPosition
  readonly body: EnvelopeBody
}

/** What a reader asks for. */
export interface LogQuery extends LoggedTopic {
  /** What came after it is wanted. Undefined: nothing but where the log ends now. */
  readonly position: LogPosition | undefined
  /** Events wanted at once, and bytes of their bodies; one event may be longer. */
  readonly eventsMax: number
  readonly bytesMax: number
}

/** What a log has after a position. */
export interface LogReading {
  /** The events of the topic, oldest first. */
  readonly entries: readonly LogEntry[]
  /** Where this reading ends: the next one begins behind it. That of the last entry, or further on where the topic has no event between. */
  readonly position: LogPosition
  /** Nothing of the topic was behind `position` when this was read. */
  readonly isEnd: boolean
  /**
   * How many events of the topic between the position that was asked for and the first entry are not there any more; 0 when that is
   * not known, as for a position of another log. Absent when none is missing.
   */
  readonly missed?: number | undefined
}

/**
 * Keeps events, so that a client that was away gets what it has missed. One log may have any number of events and topics, and serve several
 * servers: then it is a process or a service of its own, and what stands here asks it.
 *
 * The numbers of a topic grow, in the order in which `append` was called by one server; a place that is not behind the one before is a failure of the log, and one that is not behind what a reading
 * said before is written as one. The id of the log (`position.log`, 1 to 32 bytes) is another
 * one whenever the log has lost what it had, so that nobody takes its new numbers for the old ones.
 */
export interface EventLog {
  /**
   * Gives an event its place. One whose `id` the log remembers has its place already; for how long it remembers is the affair of the log. Throws when it has not taken it; the event is not published then. One that rejects may have taken it: subscribers are told of a
   * gap.
   */
  append(event: EventToLog): LogPlace | PromiseLike<LogPlace>
  /** What came after a position. What throws, rejects, or takes longer than `logTimeoutMs` is a gap for the one who asked. */
  after(query: LogQuery): LogReading | PromiseLike<LogReading>
  /**
   * Tells of what is appended to a topic from then on, by whichever server, in the order of the log. Absent: only one server appends to the log, and delivers what it
   * appends by itself. A server that shares its log with others needs it, since each of them delivers what any of them appends.
   *
   * A server follows a topic once, while anybody is subscribed to it. The log may tell of events before `ready` settles, before `append` answers, and more than once. A `follow` that
   * throws, or gives no object with `stop`, is called again after a pause of 100 ms, then of twice as long each time, up to `logTimeoutMs`.
   */
  follow?(topic: LoggedTopic, follower: LogFollower): LogFollowing
}

/** Whom a log tells of what is appended. */
export interface LogFollower {
  /**
   * An event has been appended. Each comes behind the one before.
   *
   * @param previous number of the event of this topic that came before it, 0 for none: where it is not the one that was told last, the log is read. Undefined: the log knows
   *   that nothing is missing
   */
  event(entry: LogEntry, previous?: number): void
  /** Events may be missing from here on: the log is read. */
  missed(): void
}

/** One topic that a server follows. */
export interface LogFollowing {
  /** Settles when the events arrive that are appended from then on; rejects when the log is away: it goes on trying then, and calls `missed` when it follows again. Undefined: they arrive. */
  readonly ready?: PromiseLike<void> | undefined
  /** The follower is not called any more. Idempotent. */
  stop(): void
}

/** What somebody reads who goes back in time. */
export interface HistoryQuery extends LoggedTopic {
  /** What came before it is wanted. Undefined: the newest. */
  readonly position: LogPosition | undefined
  /** Events wanted at once, and bytes of their bodies; one event may be longer. */
  readonly eventsMax: number
  readonly bytesMax: number
}

/** What a log has before a position. */
export interface HistoryReading {
  /** The newest events of the topic that are before the position, oldest first. */
  readonly entries: readonly LogEntry[]
  /** The log has nothing of the topic before the first of them. */
  readonly isStart: boolean
}

/** A log that is read backwards, too: for histories that people scroll through. */
export interface EventHistory extends EventLog {
  /** What came before a position. For one of another log it gives the newest. */
  before(query: HistoryQuery): HistoryReading | PromiseLike<HistoryReading>
}

/** Events of a server, and the log that keeps them. */
export interface EventLogOption {
  readonly log: EventLog
  /** Events with `subscribe: 'clients'` of contracts that the server implements. */
  readonly events: readonly ContractEvent[]
}
