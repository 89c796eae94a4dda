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
} as const
