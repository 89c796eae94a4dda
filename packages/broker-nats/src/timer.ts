/** Calls `elapsed` after a checked delay, unless the returned function is called before. */
export function startTimer(delayMs: number, elapsed: () => void): () => void {
  const timer = setTimeout(elapsed, delayMs)
  return () => clearTimeout(timer)
}
