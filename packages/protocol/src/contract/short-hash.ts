import { canonicalJson } from './canonical-json.ts'

const utf8 = new TextEncoder()

/**
 * FNV-1a, 32 bits, in eight hex digits: it guards against mistakes, not against deliberate collisions.
 *
 * @throws TypeError for what JSON cannot carry
 */
export function shortHash(description: unknown): string {
  let state = 0x811c9dc5
  for (const byte of utf8.encode(canonicalJson(description))) {
    state = Math.imul(state ^ byte, 0x01000193)
  }
  return (state >>> 0).toString(16).padStart(8, '0')
}
