/**
 * Gives an error that was made far below, or in a callback, a stack that begins with the caller of this function. An error that
 * does not let itself be changed keeps the one that it has.
 *
 * @param above the frames of this function, and above it, are left out. Default: this one
 */
export function stackFromHere(error: Error, above: (error: never) => unknown = stackFromHere): void {
  try {
    Error.captureStackTrace?.(error, above)
  } catch {
    // It is frozen.
  }
}

/**
 * The error of a stream that has an owner already, with the caller of this function in its stack. The frames below are many
 * and all ours: they would hide who gave the stream away a second time. Any other error is left as it is.
 */
export function whereGivenAgain(error: unknown): unknown {
  if (isSecondStart(error)) stackFromHere(error, whereGivenAgain)
  return error
}

function isSecondStart(error: unknown): error is Error {
  try {
    return error instanceof Error && 'code' in error && error.code === 'ALREADY_STARTED'
  } catch {
    return false // It cannot be looked at.
  }
}
