import { inMicrotask } from './real-timers.ts'

/**
 * Reports an error thrown by a user's callback to the process (`uncaughtException`), in a turn of its own, so that it
 * affects neither the core's state nor the other connections of a batch.
 */
export function reportUncaught(error: unknown): void {
  inMicrotask(() => {
    throw error
  })
}
