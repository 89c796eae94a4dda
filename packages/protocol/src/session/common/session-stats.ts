/** What a session holds for its peer, in bytes. */
export interface SessionMemory {
  /** Of a frame that is not whole, and of frames that wait while this side does not read. */
  readonly frameBytes: number
  /** Of bodies that came in part. */
  readonly partialBytes: number
  /** Of the inputs of calls whose handlers run, as estimated for decoded values. */
  readonly inputBytes: number
  /** Of the items of this side's streams that came and were not read, as estimated for decoded values. */
  readonly itemBytes: number
  /** Of calls and events of this side that wait to be sent. */
  readonly waitingBytes: number
  /** Sent, and not yet taken by the layer below. */
  readonly queuedBytes: number
  /** Sent, and not yet acknowledged: for another connection. 0 for a session that ends with its connection. */
  readonly keptBytes: number
  /** What the owner of the session holds for the peer; on a server, the topics that it is subscribed to. */
  readonly ownerBytes: number
  /** All of these, and 8 KiB for the session itself. */
  readonly totalBytes: number
}

/** What went through a session so far, on all of its connections. The numbers only grow. */
export interface SessionTotals {
  /** Bytes of frames, each with what the channel puts in front of it. */
  readonly bytesReceived: number
  readonly bytesSent: number
  /** Calls and requests for events that this side has made, those that were never sent included. */
  readonly callsMade: number
  /** Of those, the ones that have failed, or were given up. */
  readonly callsFailed: number
}

/** What a session does and holds, for measurements. */
export interface SessionStats {
  readonly memory: SessionMemory
  /** Calls of both sides that are open. */
  readonly callsInFlight: number
  /** Calls of the peer that were answered in the place of handlers that have not stopped. */
  readonly callsAbandoned: number
  /** Calls of the peer without an answer that were not run: over a limit, or not valid. */
  readonly onewaysDropped: number
  /** How often the session used up its time in a turn of the event loop and let others go on. */
  readonly turnsUsedUp: number
  readonly totals: SessionTotals
}
