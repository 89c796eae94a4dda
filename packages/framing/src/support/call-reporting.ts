import { onLateFailure } from './late-failure.ts'

/** Calls `callback`. What it throws, or rejects with later, goes to `failed`. */
export function callReporting(callback: () => unknown, failed: (error: unknown) => void): void {
  try {
    onLateFailure(callback(), failed)
  } catch (error) {
    failed(error)
  }
}
