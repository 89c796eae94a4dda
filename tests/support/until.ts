import { vi } from 'vitest'

/** The maximum time for an expected event on a busy machine. The default of vitest is a second. */
const patienceMs = 20_000

/**
 * Waits until `seen` returns a truthy value, and resolves to it.
 *
 * @throws Error after 20 s
 */
export async function until<Seen>(seen: () => Seen | Promise<Seen>) {
  return await vi.waitUntil(seen, { timeout: patienceMs, interval: 5 })
}
