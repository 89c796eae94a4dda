import { bunListen } from './contestants.ts'
import type { Setting } from './options.ts'

/** The goals for one contestant of this project at one place: ratios of frames per second, if not noted otherwise. */
export interface Wanted {
  /** The least ratio to the best variant of node:net. */
  readonly overNodeNet: number
  /** The least ratio to Bun.listen. */
  readonly overBun?: number
  /** The slowest connection's 99th percentile: the highest ratio to that of the best variant of node:net. */
  readonly slowestP99?: number
}

/** One goal, and whether it was reached. */
export interface Aim {
  readonly of: 'node:net' | typeof bunListen.name | 'slowest p99'
  readonly ratio: number
  readonly met: boolean
}

const smallFrames: Readonly<Record<string, Wanted>> = {
  io_uring: { overNodeNet: 2, overBun: 1.4 },
  epoll: { overNodeNet: 1.7, overBun: 1.2 },
}

/** Undefined for contestants that are not part of this project. */
export function wantedOf(contestant: string, payloadBytes: number, setting: Setting): Wanted | undefined {
  const [backend = '', style] = contestant.split('/')
  // The iterator copies each frame and makes a promise for it; `net` is node:net with the same promises.
  if (style === 'iterator' && backend !== 'net') return { overNodeNet: 1 }
  if (style !== 'callback') return undefined
  if (backend === 'net') return { overNodeNet: 0.95 }
  if (setting.connections < 64) return { overNodeNet: 1.3 }
  if (payloadBytes <= 64) return smallFrames[backend]
  if (setting.depth === 1) return { overNodeNet: 1.3 }
  return { overNodeNet: 1.5, slowestP99: 1.5 }
}

/** @param measured medians; NaN for a contestant that did not run */
export function aimsOf(
  wanted: Wanted | undefined,
  measured: { readonly overNodeNet: number; readonly overBun: number; readonly slowestP99: number },
): readonly Aim[] {
  if (wanted === undefined) return []
  const { overNodeNet, overBun, slowestP99 } = wanted
  const aims: Aim[] = [{ of: 'node:net', ratio: overNodeNet, met: measured.overNodeNet >= overNodeNet }]
  if (overBun !== undefined && !Number.isNaN(measured.overBun)) {
    aims.push({ of: bunListen.name, ratio: overBun, met: measured.overBun >= overBun })
  }
  if (slowestP99 !== undefined) {
    aims.push({ of: 'slowest p99', ratio: slowestP99, met: measured.slowestP99 <= slowestP99 })
  }
  return aims
}
