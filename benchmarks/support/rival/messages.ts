import type { HeapState } from '../messages.ts'
import type { KindOfCall } from './contestant.ts'

/** What the runner asks a program of the comparison, beside `collect` and `heap`. */
export type RivalQuestion =
  /** Client: not counted; ends with the first of both, after one step at least. */
  | { readonly ask: 'warm up'; readonly steps: number; readonly ms: number }
  /** Client: as many steps at a time as the row says, for so long. */
  | { readonly ask: 'run'; readonly ms: number }
  /** Client: steps at their times. */
  | { readonly ask: 'open load'; readonly perSecond: number; readonly ms: number }
  /** Client: so many steps. */
  | { readonly ask: 'count'; readonly steps: number }
  /** Client: opens connections until it holds so many. */
  | { readonly ask: 'hold'; readonly connections: number }
  /** Client: one call of each kind that there is. */
  | { readonly ask: 'check' }
  /** Both: collects garbage; needs --expose-gc. */
  | { readonly ask: 'collect' }
  | { readonly ask: 'heap' }

/** Of the calls of one slice, in microseconds. */
export interface Latencies {
  readonly calls: number
  readonly p50Us: number
  readonly p99Us: number
  readonly mostUs: number
}

export interface RivalWork {
  readonly units: number
  readonly elapsedMs: number
  /** Where each call is timed. */
  readonly latencies?: Latencies
}

export interface RivalReady {
  readonly port?: number
  readonly backend?: string
  /** The address of the protocol package that is measured. */
  readonly ours: string
  /** Node.js or Bun, with its version. */
  readonly runtime: string
  /** Client. */
  readonly kinds?: readonly KindOfCall[]
}

export type RivalAnswer =
  | RivalWork
  | Latencies
  | HeapState
  | { readonly kinds: readonly KindOfCall[] }
  | object
