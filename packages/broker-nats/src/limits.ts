/** What a connection holds at most. Each is a whole number from 1 to 2^53 − 1. */
export interface NatsBrokerLimits {
  /**
   * Bytes of events that were handed to the connection and that the NATS server has not confirmed. An event over it is
   * rejected with `TOO_MUCH_WAITING`.
   */
  readonly waitingBytesMax: number
  /** Readings of logs at once. A further one waits for its turn, for at most `requestTimeoutMs`. */
  readonly readingsMax: number
}

export const natsBrokerLimits: NatsBrokerLimits = {
  /** Sixteen of the longest messages that nats-server takes by default: a burst passes, and a broker that stands still is noticed soon. */
  waitingBytesMax: 16 * 1024 * 1024,
  /** Enough to keep a NATS server busy over a network. Each makes a consumer there, and holds a page here. */
  readingsMax: 16,
}

/** What a log keeps at most. Each is a whole number from 1 to 2^53 − 1. What is over a limit takes the place of the oldest. */
export interface NatsLogLimits {
  /** Milliseconds for which an event is kept. At least 100, as JetStream demands, and at most 9 × 10^12: it counts in nanoseconds of 63 bits. */
  readonly ageMs: number
  /** Events of all topics together. */
  readonly eventsMax: number
  /** Bytes of all events, as JetStream counts them: with subjects and headers. */
  readonly bytesMax: number
  /** Events of one topic. */
  readonly topicEventsMax: number
}

export const natsLogLimits: NatsLogLimits = {
  /** A week: somebody comes back from a holiday, and the disk does not fill for ever. */
  ageMs: 7 * 24 * 60 * 60 * 1000,
  /** JetStream keeps an index of some ten bytes an event in memory. */
  eventsMax: 1_000_000,
  /** 1 GiB: about 1 KB for each of a million events. */
  bytesMax: 1024 * 1024 * 1024,
  /** A busy room does not push all others out of the log. */
  topicEventsMax: 10_000,
}

/** Constants, each with its reason. */
export const constants = {
  /** An answer over a healthy network takes milliseconds; who waits for a publication should know within seconds. */
  requestTimeoutMs: 5_000,
  /** Per address. A server that is there answers in milliseconds, also through TLS. */
  connectTimeoutMs: 5_000,
  /** A connection whose other end is gone without a word is noticed after three of them. */
  pingIntervalMs: 5_000,
  /** Soon enough for people who wait, and not a flood of attempts from many servers. */
  reconnectDelayMs: 250,
  /** JetStream's own default: who tries to append again does so within seconds. */
  rememberIdsMs: 120_000,
  /** How long close() waits for what was handed over before. */
  closeGraceMs: 1_000,
  /** A prefix or the name of a log: stream names and subjects are made of it. */
  nameLengthMax: 32,
  /** Names of events that are longer stand in subjects as a hash only: a line of the protocol has 4,096 bytes at most. */
  eventTokenLengthMax: 128,
  /** Topics whose events were not handed over and that others are told a gap of. Beyond it they are told one of all topics. */
  owedTopicsMax: 1_000,
  /** Events of one page, whatever the reader asks for: what one reading holds is bounded by it and by bytesMax. */
  pageEventsMax: 1_000,
  /** A consumer that its reader did not delete, because it died, ends by itself at the server after this. */
  consumerIdleMs: 10_000,
  /** What the headers of an append need at most: they count as a part of the message. */
  headerBytesMax: 256,
  /**
   * The server gives up on a fetch after this. It sends what it has at once; a message that it has counted and forgotten meanwhile would keep it
   * waiting, also where the request says that it does not wait (2.9.10).
   */
  fetchExpiresMs: 1_000,
  /** How often a page is read anew when messages that were counted do not come. */
  pageAttemptsMax: 3,
  /** What a stored message needs beside its record: subject, headers, and the reply subject that JetStream counts with it. */
  messageOverheadBytes: 512,
  /** Looks for the place where a page backwards begins; each one divides what is left by two at least. */
  searchStepsMax: 64,
} as const
