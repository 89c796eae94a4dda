/** How far a client goes in making calls again whose session ended. */
export const againLimits = {
  /** Times that one call is made again: a call that has ended four sessions may well be what ends them. */
  movesMax: 3,
  /** A stream whose last attempt lived this long has not ended its sessions by itself: it may move as often as before. */
  attemptSettledMs: 10_000,
  /**
   * Tokens for calls that may have run. Each that fails takes one, and more than `tokensKept` have to be left for it to be made
   * again: the way and the numbers of gRPC (A6), by which a server that fails most calls gets none of them twice.
   */
  tokensMax: 10,
  tokensKept: 5,
  /** Calls that succeed for each token: in the long run at most a tenth of the calls are made twice. */
  successesPerToken: 10,
  /** The longest wait that a server can ask of a call. Beyond it the program decides, which is told the wait. */
  retryAfterMsMax: 300_000,
} as const
