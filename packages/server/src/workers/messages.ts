import type { MessagePort } from 'node:worker_threads'
import type { ServerStats } from '../stats.ts'
import type { WorkerLimits } from './limits.ts'

/** Another worker, as one is told of it. */
export interface Neighbour {
  readonly index: number
  readonly serial: number
  readonly interests: SharedArrayBuffer
  readonly bus: MessagePort
  readonly handOver: MessagePort
}

/** What a worker begins with, in its `workerData`. */
export interface WorkerStart {
  readonly index: number
  /** Another one for each thread, also when one takes the place of another. */
  readonly serial: number
  /** It finds out whether the port is free, and whether several workers can share it. */
  readonly isFirst: boolean
  readonly limits: WorkerLimits
  readonly data: unknown
  readonly control: MessagePort
  readonly logs: MessagePort
  readonly logNames: readonly string[]
  readonly interests: SharedArrayBuffer
  readonly neighbours: readonly Neighbour[]
}

/** Under this name {@link WorkerStart} stands in `workerData`. */
export const workerDataName = 'frameport'

export interface WorkerCloseOptions {
  readonly announceMs?: number | undefined
  readonly graceMs?: number | undefined
}

/** From the main thread to a worker. */
export type ToWorker =
  | { readonly kind: 'neighbour'; readonly neighbour: Neighbour }
  /** `url`: another worker listens there. Undefined: this one chooses the port. */
  | { readonly kind: 'address'; readonly id: number; readonly url: string | undefined }
  | { readonly kind: 'stats'; readonly id: number }
  /** `othersServe`: it listens no more, since another worker has its place. */
  | { readonly kind: 'close'; readonly options: WorkerCloseOptions; readonly othersServe: boolean }

/** From a worker to the main thread. */
export type FromWorker =
  /** Where does everybody listen who was to listen here? Asked for port 0. */
  | { readonly kind: 'address'; readonly id: number; readonly key: string }
  /** The port that this worker has chosen; undefined when that failed. */
  | { readonly kind: 'chosen'; readonly key: string; readonly url: string | undefined }
  /** No other worker can listen beside it. */
  | { readonly kind: 'alone'; readonly reason: string }
  | { readonly kind: 'listening'; readonly urls: readonly string[] }
  | { readonly kind: 'stats'; readonly id: number; readonly stats: WorkerCounters }
  /** It goes on ending. */
  | { readonly kind: 'closing' }
  | { readonly kind: 'closed' }

/** What a worker says of itself. */
export interface WorkerCounters {
  readonly server: ServerStats
  /** Connections that it has accepted, and whose sessions are those of other workers. */
  readonly relayed: number
}
