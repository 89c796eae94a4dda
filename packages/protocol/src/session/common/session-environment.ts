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
  /**
   * The ids of sessions that a server names begin with these bytes, at most 32, so that others know whose they are. 16 random bytes follow. Default: none.
   */
  readonly sessionIdPrefix?: Uint8Array | undefined
}

export interface SessionTimer {
  cancel(): void
}
