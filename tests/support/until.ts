import { vi } from 'vitest'

/** How long what is bound to happen may take on a busy machine. The default of vitest is a second. */
const patienceMs = 20_000

/**
 * Waits until this gives something true, and resolves to it.
 *
 * @throws Error after 20 s
 */
export async function until<Seen>(seen: () => Seen | Promise<Seen>) {
  return await vi.waitUntil(seen, { timeout: patienceMs, interval: 5 })
}
