/** The defaults of this package, each with its reason. */
export const limits = {
  /** What one direction of a pair holds as a kernel would: the usual initial receive window of Linux. */
  windowBytes: 65_536,
  /** A send over this much queued says `full`: that of the completion-port core. */
  highWatermarkBytes: 1_048_576,
  /** `drain` follows when the queue has fallen to this. */
  lowWatermarkBytes: 262_144,
  /** runUntilIdle() gives up after this much virtual time: an hour is more than any timeout of the project. */
  idleTimeMaxMs: 3_600_000,
  /** The same in timers fired, for timers that re-arm with a delay of 0. */
  idleTimersMax: 100_000,
  /** Turns of the loop in one settle(): what never ends, as a stream without end, does not keep a test from going on. */
  settleTurnsMax: 100,
  /** Real time for which nobody uses a virtual clock that something waits for: longer than a test computes, shorter than a runner waits. */
  forgottenAfterMs: 1_000,
  /** What a piece needs at least from host to host in a simulated network: two machines in one building. */
  latencyMinMs: 1,
  /** What it needs at most: enough for pieces of different connections to overtake each other. */
  latencyMaxMs: 5,
  /** The longest piece in which sends travel there: the payload of a TCP segment on Ethernet, with time stamps. */
  pieceBytesMax: 1_448,
  /** Connections that the kernel keeps for a listener whose process is suspended: what Node.js asks for. */
  backlogMax: 511,
  /** The clock of a host runs at least at this pace, against that of the network: far below any real one. */
  clockRateMin: 0.5,
  /** And at most at this. */
  clockRateMax: 2,
  /** Clocks of hosts are at most this far ahead by default: 11.6 days since the machine started. */
  clockOffsetMaxMs: 1_000_000_000,
  /** The longest name of a host, as in the DNS. */
  hostNameLengthMax: 253,
} as const
