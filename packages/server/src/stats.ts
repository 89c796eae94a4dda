import type { SessionStats } from '@frameport/protocol/session'

/** A snapshot of one connection, for measurements: the figures of its session and its subscriptions. */
export interface ConnectionStats extends SessionStats {
  /** The number of topics that the connection is subscribed to. */
  readonly subscriptions: number
}

/** Counters of the events of a server. All but `bytesWaiting` only grow. */
export interface EventCounters {
  /** The number of events that were given to `publish`, including those without subscribers. */
  readonly published: number
  /**
   * The number of times that a connection took an event, to send it at once or later: published, emitted, or read from
   * a log.
   */
  readonly delivered: number
  /**
   * The bytes of the events that wait for subscribers now. Each event counts once, with 256 bytes of overhead. Bounded
   * by `eventBytesWaitingMax`.
   */
  readonly bytesWaiting: number
  /**
   * The number of times that a subscriber did not get an event, because it had no room, was too slow, or cannot receive
   * an event of that length.
   */
  readonly leftOut: number
  /** The number of subscribers that were disconnected because they did not keep up. */
  readonly slowSubscribers: number
}

/** Totals since the server was created. The numbers only grow. */
export interface ServerTotals {
  /** Accepted connections, including those whose clients were refused later. */
  readonly connectionsAccepted: number
  /** Calls of clients whose handlers were started. */
  readonly callsBegun: number
  /** The calls among `callsBegun` that were answered with an error while the caller was still there. */
  readonly callsFailed: number
  /** Calls whose handlers were not started, because the procedure is unknown or a limit was reached. */
  readonly callsRefused: number
  /** Bytes of received frames, of closed connections too. */
  readonly bytesReceived: number
  /** Bytes of sent frames, of closed connections too. */
  readonly bytesSent: number
}

/** One listener of a server. */
export interface ListenerStats {
  /** All its addresses, with their actual ports. */
  readonly urls: readonly string[]
  /** The name of the I/O back end. Undefined if the transport has no choice. */
  readonly backend: string | undefined
}

/** A snapshot of a server, for measurements. */
export interface ServerStats {
  /** The size of `server.connections`. */
  readonly connections: number
  /**
   * The connections among these that are detached: the client has lost its connection and may come back. Bounded by
   * `detachedMax`.
   */
  readonly connectionsDetached: number
  /** Totals since the server was created. */
  readonly totals: ServerTotals
  /** The current listeners. */
  readonly listeners: readonly ListenerStats[]
  /** The bytes that wait for clients to read, of all connections: the sum of their `queuedBytes`. */
  readonly queuedBytes: number
  /**
   * Handlers that run now, including those whose calls were cancelled, or were answered by a middleware that did not
   * wait for them. Bounded by `handlersInFlightMax`.
   */
  readonly handlersInFlight: number
  /** The number of topics that have subscribers. */
  readonly topics: number
  /** Counters of events. */
  readonly events: EventCounters
  /** The memory that all connections hold for their clients. */
  readonly memory: {
    /** Bytes in use, as the connections last reported them: each may hold some KiB more or less. */
    readonly bytes: number
    /** The limit `memoryBytesMax`. */
    readonly bytesMax: number
    /** The number of connections that were closed with OVERLOADED because the limit was exceeded. */
    readonly connectionsGivenUp: number
  }
  /**
   * Connections, and connections that are ending, that have used up their time in this turn of the event loop and wait
   * for the next one.
   */
  readonly connectionsWaitingForTurn: number
}
