import { inMicrotask } from './in-microtask.ts'

/**
 * Reports an error that a callback of the user threw as uncaught: throws it in a separate microtask, so that the code that called the callback
 * continues.
 */
export function reportUncaught(error: unknown): void {
  inMicrotask(() => {
    throw error
  })
}
