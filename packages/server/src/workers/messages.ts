import type { MessagePort } from 'node:worker_threads'
import type { ServerStats } from '../stats.ts'
import type { WorkerLimits } from './limits.ts'

/** Another worker, as the main thread introduces it to a worker. */
export interface Neighbour {
  readonly index: number
  readonly serial: number
  readonly interests: SharedArrayBuffer
  readonly bus: MessagePort
  readonly handOver: MessagePort
}

/** The facts that a worker gets in its `workerData`. */
export interface WorkerStart {
  readonly index: number
  /** Different for each thread, also for the successor of a worker. */
  readonly serial: number
  /** True for the worker that finds out whether the port is free, and whether several workers can share it. */
  readonly isFirst: boolean
  readonly limits: WorkerLimits
  readonly data: unknown
  readonly control: MessagePort
  readonly logs: MessagePort
  readonly logNames: readonly string[]
  readonly interests: SharedArrayBuffer
  readonly neighbours: readonly Neighbour[]
}

/** The name of the {@link WorkerStart} in `workerData`. */
export const workerDataName = 'frameport'

/** The options of `pool.close` and `pool.restart`, the same as those of `server.close`. */
export interface WorkerCloseOptions {
  /** The time for which clients are asked to connect elsewhere first, in milliseconds. Default: 0. */
  readonly announceMs?: number | undefined
  /** The time that open calls get to finish, in milliseconds. Default: the limit `closeGraceMs` of each server. */
  readonly graceMs?: number | undefined
}

/** A message from the main thread to a worker. */
export type ToWorker =
  | { readonly kind: 'neighbour'; readonly neighbour: Neighbour }
  /** `url`: another worker listens there. Undefined: this worker chooses the port. */
  | { readonly kind: 'address'; readonly id: number; readonly url: string | undefined }
  | { readonly kind: 'stats'; readonly id: number }
  /** `othersServe`: the worker stops listening at once, because another worker has its place. */
  | { readonly kind: 'close'; readonly options: WorkerCloseOptions; readonly othersServe: boolean }

/** A message from a worker to the main thread. */
export type FromWorker =
  /** Asks for the address that all workers use in place of port 0. */
  | { readonly kind: 'address'; readonly id: number; readonly key: string }
  /** The address that this worker has chosen; undefined if it could not listen. */
  | { readonly kind: 'chosen'; readonly key: string; readonly url: string | undefined }
  /** No other worker can listen on the same port. */
  | { readonly kind: 'alone'; readonly reason: string }
  | { readonly kind: 'listening'; readonly urls: readonly string[] }
  | { readonly kind: 'stats'; readonly id: number; readonly stats: WorkerCounters }
  /** Closing continues. Sent every second. */
  | { readonly kind: 'closing' }
  | { readonly kind: 'closed' }

/** The figures of one worker. */
export interface WorkerCounters {
  readonly server: ServerStats
  /** The number of connections that it has accepted and whose sessions belong to other workers. */
  readonly relayed: number
}
