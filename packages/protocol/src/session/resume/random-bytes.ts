import type { SessionEnvironment } from '../common/session-environment.ts'

/** Node.js and browsers have it; this package has the types of neither. */
interface WithCrypto {
  readonly crypto: { getRandomValues(bytes: Uint8Array): Uint8Array }
}

/** Bytes that nobody can guess, unless the environment gives others, as one for tests does. */
export function randomBytes(environment: SessionEnvironment, length: number): Uint8Array {
  const given = environment.randomBytes?.(length)
  return given ?? (globalThis as unknown as WithCrypto).crypto.getRandomValues(new Uint8Array(length))
}
