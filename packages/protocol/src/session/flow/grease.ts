import type { SessionChannel } from '../common/session-channel.ts'
import type { SessionEnvironment } from '../common/session-environment.ts'

/** Once in eight connections. */
const chance = 1 / 8

/**
 * Sometimes sends an envelope of a kind that is never assigned, so that no peer depends on knowing every kind (RFC
 * 8701).
 */
export function sendGrease(
  channel: SessionChannel,
  environment: SessionEnvironment,
  kinds: readonly number[],
): void {
  if (environment.random() >= chance) return
  const kind = kinds[Math.floor(environment.random() * kinds.length)] ?? 0
  const payload = Uint8Array.of(kind, Math.floor(environment.random() * 256))
  channel.send(payload, payload.length, false)
}
