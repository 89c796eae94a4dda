/** Everything a session knows of the outside world: handed in, so that virtual time can replace it. */
export interface SessionEnvironment {
  /** Monotonic milliseconds. */
  nowMs(): number
  /** Runs `callback` once after `delayMs`. The timer must not keep a process alive by itself. */
  setTimer(delayMs: number, callback: () => void): SessionTimer
  /** A number in [0, 1). */
  random(): number
}

export interface SessionTimer {
  cancel(): void
}
