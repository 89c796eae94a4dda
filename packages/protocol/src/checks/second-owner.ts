/**
 * The error of a stream that has an owner already, with the caller of this function in its stack. The frames below are many
 * and all ours: they would hide who gave the stream away a second time. Any other error is left as it is.
 */
export function whereGivenAgain(error: unknown): unknown {
  try {
    if (error instanceof Error && 'code' in error && error.code === 'ALREADY_STARTED')
      Error.captureStackTrace?.(error, whereGivenAgain)
  } catch {
    // What cannot be looked at keeps the stack that it has.
  }
  return error
}
