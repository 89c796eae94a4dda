/**
 * Aborts a stream that no other code would end. Returns false if `abort` throws or does not exist, so that this error does not hide the reason for the
 * abort.
 */
export function abortQuietly(stream: { abort(): void }): boolean {
  try {
    stream.abort()
    return true
  } catch {
    return false
  }
}
