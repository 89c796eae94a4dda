/**
 * Calls `failed` when `returned`, what a callback gave back, is a promise or another object with a `then`, and rejects:
 * a callback that fails later is treated as one that throws. Costs nothing where callbacks return nothing.
 */
export function onLateFailure(returned: unknown, failed: (error: unknown) => void): void {
  if (returned === null || (typeof returned !== 'object' && typeof returned !== 'function')) return
  // Resolving with it calls its `then` once, from a microtask, and makes a rejection of a `then` that throws.
  new Promise((resolve) => resolve(returned)).then(undefined, failed)
}
