import { IocpError } from '../src/index.ts'

/** Returns the IocpError that the call throws. Any other error, or no error, fails the test. */
export function thrownError(run: () => unknown): IocpError {
  try {
    run()
  } catch (error) {
    if (IocpError.is(error)) return error
    throw error
  }
  throw new Error('nothing was thrown')
}
