import type { SessionEnvironment } from '../common/session-environment.ts'

/** Node.js and browsers have it; this package has the types of neither. */
interface WithCrypto {
  readonly crypto: { getRandomValues(bytes: Uint8Array): Uint8Array }
}

/** Returns bytes that cannot be guessed, unless the environment provides others, as one for tests does. */
export function randomBytes(environment: SessionEnvironment, length: number): Uint8Array {
  const given = environment.randomBytes?.(length)
  return given ?? (globalThis as unknown as WithCrypto).crypto.getRandomValues(new Uint8Array(length))
}

/** 128 bits cannot be guessed, and no two sessions of a server have the same id. */
const idBytes = 16

/** The name of a new session: the prefix of the environment, and random bytes. */
export function sessionId(environment: SessionEnvironment): Uint8Array {
  const own = randomBytes(environment, idBytes)
  const prefix = environment.sessionIds?.prefix
  if (prefix === undefined) return own
  const id = new Uint8Array(prefix.length + own.length)
  id.set(prefix)
  id.set(own, prefix.length)
  return id
}
