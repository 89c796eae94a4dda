import { inMicrotask } from './real-timers.ts'

/**
 * Hands what a user's callback threw to the process (`uncaughtException`), from a turn of its own, so that
 * neither the core's state nor the other connections of a batch depend on it.
 */
export function reportUncaught(error: unknown): void {
  inMicrotask(() => {
    throw error
  })
}
