import { ProtocolError } from '../../src/index.ts'

/** The error that `run` throws, which must be a ProtocolError. */
export function failureOf(run: () => unknown): ProtocolError {
  try {
    run()
  } catch (error) {
    if (ProtocolError.is(error)) return error
    throw error
  }
  throw new Error('nothing was thrown')
}
