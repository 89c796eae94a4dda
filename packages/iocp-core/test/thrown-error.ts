import { IocpError } from '../src/index.ts'

/** The error of this package that the call throws; any other error, and none, fails the test. */
export function thrownError(run: () => unknown): IocpError {
  try {
    run()
  } catch (error) {
    if (IocpError.is(error)) return error
    throw error
  }
  throw new Error('nothing was thrown')
}
