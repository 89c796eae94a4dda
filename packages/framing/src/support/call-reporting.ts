import { onLateFailure } from './late-failure.ts'

/** Calls `callback`. If it throws, or returns a promise that rejects, `failed` is called with the error. */
export function callReporting(callback: () => unknown, failed: (error: unknown) => void): void {
  try {
    onLateFailure(callback(), failed)
  } catch (error) {
    failed(error)
  }
}
