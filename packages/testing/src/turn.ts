/** Taken when the module loads, so that a test runner's fake timers cannot stop virtual time. */
const platform = globalThis as {
  readonly setImmediate?: (callback: () => void) => unknown
  readonly setTimeout: (callback: () => void, delayMs: number) => unknown
}
const { setImmediate: immediate, setTimeout: timeout } = platform

/**
 * Settles in a later task: whatever was waiting in the microtask queue has run by then, however long the chain,
 * which no count of awaited promises could promise.
 */
export function nextTask(): Promise<void> {
  return new Promise((resolve) => {
    if (immediate === undefined) timeout(resolve, 0)
    else immediate(resolve)
  })
}
