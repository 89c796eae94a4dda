import { bunListen } from './contestants.ts'
import type { Setting } from './options.ts'

/** What this project wants of one of its own at one place, in frames a second unless it says otherwise. */
export interface Wanted {
  /** Of the best of node:net, at least. */
  readonly overNodeNet: number
  /** Of Bun.listen, at least. */
  readonly overBun?: number
  /** The slowest connection's 99th percentile, as a ratio to that of the best of node:net, at most. */
  readonly slowestP99?: number
}

/** One figure that is wanted, and whether it was reached. */
export interface Aim {
  readonly of: 'node:net' | typeof bunListen.name | 'slowest p99'
  readonly ratio: number
  readonly met: boolean
}

const smallFrames: Readonly<Record<string, Wanted>> = {
  io_uring: { overNodeNet: 2, overBun: 1.4 },
  epoll: { overNodeNet: 1.7, overBun: 1.2 },
}

/** Undefined of those that are not ours. */
export function wantedOf(contestant: string, payloadBytes: number, setting: Setting): Wanted | undefined {
  const [backend = '', style] = contestant.split('/')
  // The copy and the promise of a frame are what the iterator is for; `net` is node:net with the same promises.
  if (style === 'iterator' && backend !== 'net') return { overNodeNet: 1 }
  if (style !== 'callback') return undefined
  if (backend === 'net') return { overNodeNet: 0.95 }
  if (setting.connections < 64) return { overNodeNet: 1.3 }
  if (payloadBytes <= 64) return smallFrames[backend]
  if (setting.depth === 1) return { overNodeNet: 1.3 }
  return { overNodeNet: 1.5, slowestP99: 1.5 }
}

/** @param measured medians, NaN for what did not run */
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
