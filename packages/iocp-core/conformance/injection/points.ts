import type { NativeAddon } from '../../src/native/addon-types.ts'
import { loadAddon } from '../../src/native/load-addon.ts'

/** What an addon of the variants `inject` exports for tests; native/variants/injection/points.h says what a point is. */
export interface Injection {
  /** The points with these numbers fail from now on; the first one reached has the number 1. */
  arm(first: number, last: number): void
  /** The next `count` points of this kind fail. Throws when there is no such kind. */
  armKind(kind: string, count: number): void
  /** What was asked of the system since the last call of this: "listen -511". Only what tests look at is noted. */
  asked(): string[]
  /** Has the process print at its very end how many ports were not closed. */
  reportAtExit(): void
  /** No point fails any more. */
  disarm(): void
  /** How many points of each kind were reached since `arm`. */
  reached(): Readonly<Record<string, number>>
  /** The kind of the first point that failed since `arm`. */
  failed(): string | null
}

/** Points that every back end has on every system: a run that did not reach one of them has not tested it. */
export const pointsEverywhere = [
  'listen',
  'open',
  'associate',
  'submit accept',
  'submit connect',
  'submit receive',
  'submit send',
  'submit shutdown',
  'try_send without room',
  'try_send in part',
  'allocation',
  'threadsafe function',
] as const

export function injectionOf(): Injection {
  const loaded = loadAddon()
  if (!('addon' in loaded)) throw new Error(loaded.refusal.reason)
  const { injection } = loaded.addon as NativeAddon & { injection?: Injection }
  if (injection === undefined) {
    throw new Error('FRAMEPORT_ADDON names no addon of the variant inject: see scripts/build-addon.mjs')
  }
  return injection
}
