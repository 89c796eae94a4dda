/** What a log in a file keeps at most, and what may wait to be written. Each is a whole number from 1 on. */
export interface SqliteLogLimits {
  /** Events of all topics together. The oldest are deleted when there are more. */
  readonly eventsMax: number
  /** Bytes of their payloads, names and ids, and 64 for what holds each. The oldest are deleted when there are more. */
  readonly bytesMax: number
  /** Events of one topic. Its oldest are deleted when there are more. */
  readonly topicEventsMax: number
  /** Age of an event. Older ones are deleted, within a minute or a tenth of this time. No limit by default. */
  readonly ageMsMax?: number | undefined
  /** Bytes of events that wait to be written, counted as for `bytesMax`. Over it `append` rejects. */
  readonly waitingBytesMax: number
}

export const sqliteLogLimits: SqliteLogLimits = {
  /** What a hundred busy rooms say in a month or so. Some 300 MiB for lines of 200 bytes. */
  eventsMax: 1_000_000,
  /** A size that is checked at opening within some seconds, and that small machines have on their disk. */
  bytesMax: 1024 * 1024 * 1024,
  /** More than anybody scrolls back through, and a tenth of the events: one busy room leaves room for others. */
  topicEventsMax: 100_000,
  /** A quarter of a second of a disk that writes 64 MiB a second: what waits for longer is better told to wait. */
  waitingBytesMax: 16 * 1024 * 1024,
}

/** What keeping an event costs beside its bytes: the row, and its entries in two indexes. */
export const holderBytes = 64
