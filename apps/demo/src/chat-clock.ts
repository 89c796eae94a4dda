/** The time source of the rules of the chat. */
export interface ChatClock {
  /** Monotonic, for intervals. */
  nowMs(): number
  /** Since 1970, for people. */
  dateMs(): number
  /** Runs it once after so many milliseconds. Returns the function that prevents it. */
  after(ms: number, run: () => void): () => void
}

export const realClock: ChatClock = {
  nowMs: () => performance.now(),
  dateMs: () => Date.now(),
  after(ms, run) {
    const timer = setTimeout(run, ms)
    return () => clearTimeout(timer)
  },
}
