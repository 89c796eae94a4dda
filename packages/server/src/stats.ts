import type { SessionStats } from '@frameport/protocol/session'

/** What one connection does and holds, for measurements. */
export interface ConnectionStats extends SessionStats {
  /** Topics it is subscribed to. */
  readonly subscriptions: number
}

/** What became of the events of a server so far, beside those that went out. */
export interface EventCounters {
  /** Events that were given to `publish` so far, also those that nobody was subscribed to. */
  readonly published: number
  /** How often a connection has taken an event so far, to send it now or when there is room: published, emitted, or read from a log. */
  readonly delivered: number
  /** What waits for subscribers now: bytes of events, each counted once, with 256 for what holds it. */
  readonly bytesWaiting: number
  /** Events that a subscriber did not get, because there was no room, it was too slow, or the event was too long for it. */
  readonly leftOut: number
  /** Subscribers that were disconnected because they did not keep up. */
  readonly slowSubscribers: number
}

/** What went through a server so far. The numbers only grow. */
export interface ServerTotals {
  /** Connections that were taken in, those of clients included that were not let in. */
  readonly connectionsAccepted: number
  /** Calls of clients whose handlers were run. */
  readonly callsBegun: number
  /** Of those, the ones whose callers were told an error, and had not left. */
  readonly callsFailed: number
  /** Calls that no handler was run for: there is none, or too many run already. */
  readonly callsRefused: number
  /** Bytes of frames on all connections, those that are gone included. */
  readonly bytesReceived: number
  readonly bytesSent: number
}

/** Where a server listens. */
export interface ListenerStats {
  /** Every address of it. */
  readonly urls: readonly string[]
  /** Of its completion port, where it has one. */
  readonly backend: string | undefined
}

/** What a server does and holds, for measurements. */
export interface ServerStats {
  /** As many as `server.connections` has. */
  readonly connections: number
  /** Of those, the ones whose clients have lost their connection and may come back. */
  readonly connectionsDetached: number
  readonly totals: ServerTotals
  /** Where it listens now. */
  readonly listeners: readonly ListenerStats[]
  /** What waits for clients to read, of all connections: their `queuedBytes` together. */
  readonly queuedBytes: number
  /** Handlers that run, those of calls that were given up, or that a middleware has answered without waiting for them, included. */
  readonly handlersInFlight: number
  /** Topics that somebody is subscribed to. */
  readonly topics: number
  readonly events: EventCounters
  readonly memory: {
    /** What all connections hold for their clients, as they reported it last: each may hold some KiB more or less. */
    readonly bytes: number
    readonly bytesMax: number
    /** Connections that were given up because it was used up. */
    readonly connectionsGivenUp: number
  }
  /** Connections, and ends of connections, that have used up their time in this turn of the event loop, and wait for the next. */
  readonly connectionsWaitingForTurn: number
}
