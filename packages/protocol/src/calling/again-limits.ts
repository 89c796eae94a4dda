/** Limits of the calls that a client repeats because their session ended. */
export const againLimits = {
  /** The number of times that one call is repeated. A call that has ended four sessions may itself be the cause. */
  movesMax: 3,
  /** A stream whose last attempt lived this long is not the cause, and may be repeated as often as a new one. */
  attemptSettledMs: 10_000,
  /**
   * Tokens for calls that may have run. Each failure takes one, and a call is repeated only if more than `tokensKept`
   * are left. This is the scheme of gRPC (A6), with its numbers: a server that fails most calls gets none of them
   * twice.
   */
  tokensMax: 10,
  tokensKept: 5,
  /** Successful calls for each token: in the long run, at most a tenth of the calls are made twice. */
  successesPerToken: 10,
  /** The longest wait that a server can ask for. For a longer one the call fails, and the program decides. */
  retryAfterMsMax: 300_000,
} as const
