/** The clock, timers and random numbers of a session. They are handed in so that virtual time can replace them. */
export interface SessionEnvironment {
  /** A monotonic clock, in milliseconds. */
  nowMs(): number
  /** Runs `callback` once after `delayMs` milliseconds. The timer must not keep the process alive. */
  setTimer(delayMs: number, callback: () => void): SessionTimer
  /**
   * Runs `callback` in a later turn of the event loop, after the timers and I/O that are due. Default: a timer of 0
   * ms, which browsers and Node.js delay by 1 to 4 ms.
   */
  nextTurn?(callback: () => void): void
  /** Returns a number from 0 up to, but not including, 1. */
  random(): number
  /** Returns `length` bytes that cannot be guessed. Default: those of `crypto.getRandomValues`. */
  randomBytes?(length: number): Uint8Array
  /** The ids of sessions that clients may resume. Default: 16 random bytes each. */
  readonly sessionIds?: SessionIds | undefined
}

/** A timer of {@link SessionEnvironment.setTimer}. */
export interface SessionTimer {
  /** Cancels the timer. Does nothing after it has fired. */
  cancel(): void
}

/** Decides and observes the ids of the sessions of a server. */
export interface SessionIds {
  /** The beginning of each id, which tells who has the session. At most 32 bytes; 16 random bytes follow. */
  readonly prefix: Uint8Array
  /** Called when a session gets this id. */
  named(id: Uint8Array): void
  /** Called when no session has this id any more. */
  forgotten(id: Uint8Array): void
}
