/** Calls `elapsed` after a delay that was checked, unless what it returns is called before. */
export function startTimer(delayMs: number, elapsed: () => void): () => void {
  const timer = setTimeout(elapsed, delayMs)
  return () => clearTimeout(timer)
}
