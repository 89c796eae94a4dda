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
   * Gives an event its place. Throws when it has not taken it; the event is not published then. One that rejects may have taken it: subscribers are told of a
   * gap.
   */
  append(event: EventToLog): LogPosition | PromiseLike<LogPosition>
  /** What came after a position. What throws, rejects, or takes longer than `logTimeoutMs` is a gap for the one who asked. */
  after(query: LogQuery): LogReading | PromiseLike<LogReading>
}

/** Events of a server, and the log that keeps them. */
export interface EventLogOption {
  readonly log: EventLog
  /** Events with `subscribe: 'clients'` of contracts that the server implements. */
  readonly events: readonly ContractEvent[]
}
