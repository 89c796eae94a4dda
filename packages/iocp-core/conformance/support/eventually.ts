import { setTimeout as delay } from 'node:timers/promises'
import type { CompletionPortCounters } from '../../src/index.ts'

/** Looks again and again, with turns of the event loop between, until it holds or the time is up. */
export async function eventually(
  signal: AbortSignal,
  holds: () => boolean,
  what: () => string,
): Promise<void> {
  while (!holds()) {
    if (signal.aborted) throw new Error(`never came to hold: ${what()}`)
    await delay(2)
  }
}

/** A number that has stopped changing: for buffers of the kernel whose sizes nobody knows. */
export async function settled(signal: AbortSignal, read: () => number): Promise<number> {
  let value = read()
  for (let same = 0; same < 20; same++) {
    signal.throwIfAborted()
    await delay(5)
    const next = read()
    if (next !== value) same = 0
    value = next
  }
  return value
}

export function allZero(counters: CompletionPortCounters): boolean {
  return Object.values(counters).every((count) => count === 0)
}
