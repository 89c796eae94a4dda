/**
 * Aborts what nobody else would end. False when it could not be aborted: it may be no stream at all, and what its abort
 * throws must not hide what is wrong with it.
 */
export function abortQuietly(stream: { abort(): void }): boolean {
  try {
    stream.abort()
    return true
  } catch {
    return false
  }
}
