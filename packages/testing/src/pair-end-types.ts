/** What became of every byte given to one end. `accepted = delivered + queued + onWay + dropped`, always. */
export interface MemoryStreamCounters {
  /** Bytes that `send` of this end took. */
  readonly acceptedBytes: number
  /** Of those, what the other end's sink was given. */
  readonly deliveredBytes: number
  readonly queuedBytes: number
  readonly onWayBytes: number
  /** Lost to an abort of either end, or refused by the other end as too long a frame. */
  readonly droppedBytes: number
  /** `data` or `frame` calls made for them. */
  readonly chunksDelivered: number
}

/** What every kind of sink hears of. */
export interface EndSink {
  drain?(): void
  close?(error?: Error): void
}

export interface EndLimits {
  readonly highWatermarkBytes: number
  readonly lowWatermarkBytes: number
  readonly poisonLentBytes: boolean
}
