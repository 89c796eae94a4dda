/**
 * Replaces the stack of an error, which was made deep inside or in a callback, by one that begins with the caller of
 * this function. An error that cannot be changed keeps its stack.
 *
 * @param above the frames of this function, and above it, are left out. Default: this function
 */
export function stackFromHere(error: Error, above: (error: never) => unknown = stackFromHere): void {
  try {
    Error.captureStackTrace?.(error, above)
  } catch {
    // The error is frozen.
  }
}

/**
 * Replaces the stack of an `ALREADY_STARTED` error, so that it begins with the caller that passed a stream which has
 * an owner. Other errors are returned unchanged.
 */
export function whereGivenAgain(error: unknown): unknown {
  if (isSecondStart(error)) stackFromHere(error, whereGivenAgain)
  return error
}

function isSecondStart(error: unknown): error is Error {
  try {
    return error instanceof Error && 'code' in error && error.code === 'ALREADY_STARTED'
  } catch {
    return false // The error is unreadable.
  }
}
