import { inMicrotask } from './in-microtask.ts'
/**
 * Throws what a user's callback threw in a microtask of its own, where the platform reports it as uncaught: the code
 * that called the callback goes on.
 */
export function reportUncaught(error: unknown): void {
  inMicrotask(() => {
    throw error
  })
}
