/** The limits of one connection. Each is an integer from 1 to 2^53 − 1. The defaults are {@link natsBrokerLimits}. */
export interface NatsBrokerLimits {
  /**
   * The number of bytes of events that were sent and that the NATS server has not confirmed. An event over the limit is rejected with
   * `TOO_MUCH_WAITING`. Default 16,777,216 (16 MiB).
   */
  readonly waitingBytesMax: number
  /** The number of readings of one log at the same time. Further readings wait for their turn, for at most `requestTimeoutMs`. Default 16. */
  readonly readingsMax: number
}

/** The default limits of a connection, each with its reason. */
export const natsBrokerLimits: NatsBrokerLimits = {
  /** Sixteen of the longest messages that nats-server accepts by default: enough for a burst, and a broker that hangs is noticed soon. */
  waitingBytesMax: 16 * 1024 * 1024,
  /** Enough to keep a NATS server busy over a network. Each reading makes a consumer there and holds a page here. */
  readingsMax: 16,
}

/**
 * The limits of a log. Each is an integer from 1 to 2^53 − 1. When a limit is exceeded, JetStream removes the oldest events. The defaults are
 * {@link natsLogLimits}.
 */
export interface NatsLogLimits {
  /**
   * How long an event is kept, in milliseconds. At least 100, the minimum of JetStream, and at most 9 × 10^12, because JetStream counts nanoseconds in
   * 63 bits. Default 604,800,000 (a week).
   */
  readonly ageMs: number
  /** The number of events of all topics together. Default 1,000,000. */
  readonly eventsMax: number
  /** The number of bytes of all events, as JetStream counts them, with subjects and headers. Default 1,073,741,824 (1 GiB). */
  readonly bytesMax: number
  /** The number of events of one topic. Default 10,000. */
  readonly topicEventsMax: number
}

/** The default limits of a log, each with its reason. */
export const natsLogLimits: NatsLogLimits = {
  /** A week: enough for a user who returns from a short holiday, while the size of the log stays limited. */
  ageMs: 7 * 24 * 60 * 60 * 1000,
  /** JetStream keeps an index in memory, with some ten bytes for each event. */
  eventsMax: 1_000_000,
  /** 1 GiB: about 1 KB for each of a million events. */
  bytesMax: 1024 * 1024 * 1024,
  /** A busy room must not displace all other rooms from the log. */
  topicEventsMax: 10_000,
}

/** Constants, each with its reason. */
export const constants = {
  /** An answer over a healthy network takes milliseconds, and a publisher should learn of a failure within seconds. */
  requestTimeoutMs: 5_000,
  /** Per address. A running server answers in milliseconds, also with TLS. */
  connectTimeoutMs: 5_000,
  /** A connection whose other end has vanished is noticed after three intervals. */
  pingIntervalMs: 5_000,
  /** Short enough for users who wait, but long enough that many servers do not flood the broker with attempts. */
  reconnectDelayMs: 250,
  /** The default of JetStream. A publisher that retries does so within seconds. */
  rememberIdsMs: 120_000,
  /** How long close() waits for the confirmation of earlier publications. */
  closeGraceMs: 1_000,
  /** The length of a prefix or of the name of a log, which are parts of stream names and subjects. */
  nameLengthMax: 32,
  /** Longer event names appear in subjects only as a hash, because a line of the protocol has at most 4,096 bytes. */
  eventTokenLengthMax: 128,
  /** The number of topics with unsent events for which separate gaps are published. Above it, one gap for all topics is published. */
  owedTopicsMax: 1_000,
  /** The number of events in one page, whatever the reader asks for. It and bytesMax bound what one reading holds. */
  pageEventsMax: 1_000,
  /** The NATS server deletes a consumer after this time if its reader died before deleting it. */
  consumerIdleMs: 10_000,
  /** The maximum size of the headers of an append, which count as a part of the message. */
  headerBytesMax: 256,
  /**
   * The server ends a fetch after this time. It sends available messages at once, but a message that it counted and has deleted meanwhile would make
   * it wait, even if the request does not allow waiting (seen in 2.9.10).
   */
  fetchExpiresMs: 1_000,
  /** How many times a page is read if counted messages do not arrive. */
  pageAttemptsMax: 3,
  /** The overhead of a stored message besides its record: subject, headers, and the reply subject that JetStream counts with it. */
  messageOverheadBytes: 512,
  /** The number of search steps for the start of a page backwards. Every other step halves the range. */
  searchStepsMax: 64,
} as const
