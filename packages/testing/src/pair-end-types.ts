/**
 * What happened to every byte that one end sent. `acceptedBytes` is always the sum of the delivered, queued, travelling
 * and dropped bytes.
 */
export interface MemoryStreamCounters {
  /** Bytes that `send` of this end accepted. */
  readonly acceptedBytes: number
  /** Bytes that the sink of the other end received. */
  readonly deliveredBytes: number
  /** Bytes that wait for room in the window. */
  readonly queuedBytes: number
  /** Bytes that left this end and were not delivered yet. */
  readonly onWayBytes: number
  /** Bytes that were lost to an abort, a reset or a cut, or that the other end refused as part of a frame that is too long. */
  readonly droppedBytes: number
  /** The number of `data` or `frame` calls of the other end's sink. */
  readonly chunksDelivered: number
}

/** The methods that every kind of sink has. */
export interface EndSink {
  drain?(): void
  close?(error?: Error): void
}

export interface EndLimits {
  readonly highWatermarkBytes: number
  readonly lowWatermarkBytes: number
  readonly poisonLentBytes: boolean
}
