/** Everything a session knows of the outside world: handed in, so that virtual time can replace it. */
export interface SessionEnvironment {
  /** Monotonic milliseconds. */
  nowMs(): number
  /** Runs `callback` once after `delayMs`. The timer must not keep a process alive by itself. */
  setTimer(delayMs: number, callback: () => void): SessionTimer
  /**
   * Runs `callback` in a later turn of the event loop, when timers and I/O that wait have had theirs. Default: a
   * timer of 0 ms, which browsers and Node.js delay by 1 to 4 ms.
   */
  nextTurn?(callback: () => void): void
  /** A number in [0, 1). */
  random(): number
  /** So many bytes that nobody can guess. Default: those of `crypto.getRandomValues`. */
  randomBytes?(length: number): Uint8Array
  /** Names of sessions that clients may take up again. Default: 16 random bytes, and nobody is told. */
  readonly sessionIds?: SessionIds | undefined
}

export interface SessionTimer {
  cancel(): void
}

/** What an owner of servers has to do with the ids of their sessions. */
export interface SessionIds {
  /** Each id begins with it, so that others know whose the session is. At most 32 bytes; 16 random bytes follow. */
  readonly prefix: Uint8Array
  /** A session has this id from now on. */
  named(id: Uint8Array): void
  /** No session has it any more. */
  forgotten(id: Uint8Array): void
}
