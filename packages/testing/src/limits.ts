/** The defaults of this package, each with its reason. */
export const limits = {
  /** The bytes that one direction of a pair holds, like a kernel: the usual initial receive window of Linux. */
  windowBytes: 65_536,
  /** The queue above which a send returns `full`, as in `@frameport/iocp-core`. */
  highWatermarkBytes: 1_048_576,
  /** The queue at which `drain` follows. */
  lowWatermarkBytes: 262_144,
  /** The virtual time after which runUntilIdle() and until() give up: an hour is longer than any timeout of Frameport. */
  idleTimeMaxMs: 3_600_000,
  /** The number of fired timers after which they give up, for timers that are set again with a delay of 0. */
  idleTimersMax: 100_000,
  /** The number of turns of the event loop in one settle(), so that a stream without end does not block a test. */
  settleTurnsMax: 100,
  /** The real time after which an unused clock with pending timers causes a warning: longer than a test computes, shorter than a test runner waits. */
  forgottenAfterMs: 1_000,
  /** The minimum latency between hosts of a simulated network: two machines in one building. */
  latencyMinMs: 1,
  /** The maximum latency: enough for pieces of different connections to overtake each other. */
  latencyMaxMs: 5,
  /** The longest piece in which bytes travel in a simulated network: the payload of a TCP segment on Ethernet, with time stamps. */
  pieceBytesMax: 1_448,
  /** The number of connections that the kernel keeps for a listener whose process is suspended: the default of Node.js. */
  backlogMax: 511,
  /** The lowest rate of a host's clock, relative to that of the network: far slower than a real one. */
  clockRateMin: 0.5,
  /** The highest rate of a host's clock. */
  clockRateMax: 2,
  /** The largest default offset of a host's clock: 11.6 days since the machine started. */
  clockOffsetMaxMs: 1_000_000_000,
  /** The longest name of a host, as in DNS. */
  hostNameLengthMax: 253,
} as const
