/**
 * Taken when the module loads, so that fake timers of a test runner cannot stop virtual time. Fakes that were installed
 * earlier are recognised by their mark (`clock` of sinon, which vitest and jest use) or by their name (`node:test` uses
 * bound methods).
 */
const platform = globalThis as unknown as {
  readonly setImmediate?: (callback: () => void) => unknown
  readonly setTimeout: (callback: () => void, delayMs: number) => unknown
  readonly MessageChannel: new () => { readonly port1: Port; readonly port2: Port }
}
const { setImmediate: immediate, setTimeout: timeout, MessageChannel: Channel } = platform
const isFake = [immediate, timeout].some(
  (given) => given !== undefined && ('clock' in given || given.name.startsWith('bound ')),
)

interface Port {
  onmessage: (() => void) | null
  postMessage(message: unknown): void
  close(): void
}

/**
 * Settles in a later task. By then, all pending microtasks have run, however long the chain, which no fixed number of
 * awaited promises could guarantee.
 */
export function nextTask(): Promise<void> {
  return new Promise((resolve) => {
    if (isFake) sendMessage(resolve)
    else if (immediate === undefined) timeout(resolve, 0)
    else immediate(resolve)
  })
}

/** A message also starts a task, and no test runner fakes it. */
function sendMessage(callback: () => void): void {
  const { port1, port2 } = new Channel()
  port1.onmessage = () => {
    port1.close()
    callback()
  }
  port2.postMessage(undefined)
}
