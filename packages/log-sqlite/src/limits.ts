/** The limits of a log in a file. Each is a positive integer. */
export interface SqliteLogLimits {
  /** The number of events of all topics together. When there are more, the oldest are deleted. Default 1,000,000. */
  readonly eventsMax: number
  /** The number of bytes of all payloads, names, topics and ids, plus 64 for each event. When there are more, the oldest events are deleted. Default 1,073,741,824 (1 GiB). */
  readonly bytesMax: number
  /** The number of events of one topic. When there are more, its oldest are deleted. Default 100,000. */
  readonly topicEventsMax: number
  /** The maximum age of an event, in milliseconds, up to ten years. Older events are deleted within a tenth of this time, and within a minute. Default: no maximum. */
  readonly ageMsMax?: number | undefined
  /** The number of bytes of events that wait to be written, counted as for `bytesMax`. Above it, `append` rejects with `TOO_MUCH_WAITING`. Default 16,777,216 (16 MiB). */
  readonly waitingBytesMax: number
}

export const sqliteLogLimits: SqliteLogLimits = {
  /** The lines of a hundred busy rooms in about a month: about 300 MiB for lines of 200 bytes. */
  eventsMax: 1_000_000,
  /** A file of this size is checked within seconds when it is opened, and fits on the disk of a small machine. */
  bytesMax: 1024 * 1024 * 1024,
  /** More than a user scrolls back through, and a tenth of all events, so that one busy room leaves room for others. */
  topicEventsMax: 100_000,
  /** A quarter of a second for a disk that writes 64 MiB per second. Beyond that, the publisher should wait. */
  waitingBytesMax: 16 * 1024 * 1024,
}

/** The overhead of an event besides its bytes: the row, and its entries in two indexes. */
export const holderBytes = 64
