/** The memory that a session holds for its peer, in bytes. */
export interface SessionMemory {
  /** A frame that has arrived in part, and frames that wait while this side does not read. */
  readonly frameBytes: number
  /** Bodies that have arrived in part. */
  readonly partialBytes: number
  /** Inputs of calls whose handlers are running. An estimate for decoded values. */
  readonly inputBytes: number
  /** Items of this side's streams that have arrived and were not read. An estimate for decoded values. */
  readonly itemBytes: number
  /** Calls and events of this side that wait to be sent. */
  readonly waitingBytes: number
  /** Bytes that were sent and that the channel has not accepted yet. */
  readonly queuedBytes: number
  /**
   * Bytes that were sent and are not acknowledged, kept for another connection; 0 if the session ends with its
   * connection.
   */
  readonly keptBytes: number
  /**
   * What the owner of the session holds for the peer (`takeMemory`); on a server, the topics to which the client is
   * subscribed.
   */
  readonly ownerBytes: number
  /** The sum of all of these, and 8 KiB for the session itself. */
  readonly totalBytes: number
}

/** What a session has transferred and called so far, on all of its connections. The numbers only grow. */
export interface SessionTotals {
  /** Bytes of received frames, with what the channel puts in front of each. */
  readonly bytesReceived: number
  /** Bytes of sent frames, with what the channel puts in front of each. */
  readonly bytesSent: number
  /** Calls and subscriptions that this side has made, including those that were never sent. */
  readonly callsMade: number
  /** Those of `callsMade` that have failed or were cancelled. */
  readonly callsFailed: number
}

/** Figures of a session for measurements. */
export interface SessionStats {
  /** The memory that it holds now. */
  readonly memory: SessionMemory
  /** Open calls of both sides. */
  readonly callsInFlight: number
  /** Calls of the peer that were answered in place of handlers that have not stopped. */
  readonly callsAbandoned: number
  /** Calls of the peer without an answer that were not run, because of a limit or because they were not valid. */
  readonly onewaysDropped: number
  /** How often the session used up its time in a turn of the event loop and had to wait. */
  readonly turnsUsedUp: number
  /** What went through it so far. */
  readonly totals: SessionTotals
}
