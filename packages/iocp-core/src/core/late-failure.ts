/**
 * Calls `failed` if `returned`, the result of a callback, is a promise or another object with a `then`, and rejects:
 * a callback that fails later is treated like one that throws. Costs nothing for callbacks that return nothing.
 */
export function onLateFailure(returned: unknown, failed: (error: unknown) => void): void {
  if (returned === null || (typeof returned !== 'object' && typeof returned !== 'function')) return
  // Resolving with it calls its `then` once, in a microtask, and turns an exception of `then` into a rejection.
  new Promise((resolve) => resolve(returned)).then(undefined, failed)
}
