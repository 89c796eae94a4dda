import type { Limit } from '../limits.ts'

const MiB = 1024 * 1024

/** Sizes of the memory that the addon shares with JavaScript. */
export const nativeLimits = {
  sendArenaBytes: {
    default: 4 * MiB,
    min: 4 * MiB,
    max: 4 * MiB,
    reason:
      'The small sends of one turn: 512 peers with 8 KiB each. A full arena is handed over in the middle; what was never used takes no memory.',
  },
  receivePoolBytes: {
    default: 4 * MiB,
    min: 4 * MiB,
    max: 4 * MiB,
    reason:
      'What one batch can bring. Pages never written take no memory, and the first buffers are used first.',
  },
  receiveBuffers: {
    default: 64,
    min: 4,
    max: 64,
    reason:
      'Four at least, so that one full buffer does not end a batch; more than 64 would only cost cache.',
  },
} as const satisfies Readonly<Record<string, Limit>>

/** As many buffers as the pool's bytes hold, within the limits of their number. */
export function receiveBuffers(receiveBufferBytes: number): number {
  const { receiveBuffers: count, receivePoolBytes } = nativeLimits
  return Math.min(count.max, Math.max(count.min, Math.floor(receivePoolBytes.default / receiveBufferBytes)))
}
