import type { ServerStats } from '../stats.ts'
import type { WorkerCloseOptions } from './messages.ts'

/** One worker of a pool. */
export interface WorkerFacts {
  /** From 0 to one less than the number of workers. A successor has the same index. */
  readonly index: number
  /** The id of its thread, as in `node:worker_threads`. Undefined while it is `gone`. */
  readonly threadId: number | undefined
  /** `gone`: it died, and will be started again. */
  readonly state: 'starting' | 'listening' | 'closing' | 'gone'
  /** How often a worker with this index was started again. */
  readonly restarts: number
}

/** A snapshot of one worker thread. */
export interface WorkerStats {
  /** The index of the worker. */
  readonly index: number
  /** The id of its thread, as in `node:worker_threads`. */
  readonly threadId: number
  /** The state of the worker. */
  readonly state: WorkerFacts['state']
  /**
   * The number of connections that it has accepted and whose sessions belong to other workers. Undefined if it did not
   * answer in time.
   */
  readonly relayed: number | undefined
  /** The sum of the figures of its servers. Undefined if it did not answer in time. */
  readonly server: ServerStats | undefined
}

/** A snapshot of a pool: the sum of all workers, and each worker. */
export interface PoolStats extends ServerStats {
  /** One entry for each thread. A worker that is closing and its successor have the same index. */
  readonly workers: readonly WorkerStats[]
}

/** Worker threads that serve the same port: the result of `startWorkers`. */
export interface WorkerPool {
  /** The first address at which they listen: `tcp://0.0.0.0:5500`. */
  readonly url: string
  /** All addresses at which they listen. */
  readonly urls: readonly string[]
  /** The workers, by index. */
  readonly workers: readonly WorkerFacts[]
  /** The reason why there is only one worker, if several cannot share a port here. Undefined if they can. */
  readonly alone: string | undefined
  /**
   * Returns a snapshot. It waits for each worker for at most `statsTimeoutMs`; a worker that does not answer in time
   * has no figures.
   */
  stats(): Promise<PoolStats>
  /**
   * Replaces each worker, one after the other: the new worker listens before the old one is closed. A worker that
   * serves alone is closed first. Further calls during a restart return the same promise.
   *
   * @throws ServerError `WORKER_FAILED` if a new worker cannot start: the old one then continues, and the workers after
   *   it are not replaced. `SERVER_CLOSED`, `INVALID_OPTION`. All of them are rejections
   */
  restart(options?: WorkerCloseOptions): Promise<void>
  /**
   * Closes the servers of all workers at the same time, as `server.close` does, and settles when no thread is left.
   * Idempotent. A later call with shorter times shortens the wait. `closeOnSignals(pool)` of `@frameport/server/node`
   * calls it on a signal.
   *
   * @throws ServerError `INVALID_OPTION`, as a rejection; nothing was closed then
   */
  close(options?: WorkerCloseOptions): Promise<void>
  /**
   * Settles when the pool has closed: with an error if it closed because workers could not start any more, and with
   * undefined otherwise.
   */
  closed(): Promise<Error | undefined>
  /** The same as `close()`, for `await using pool = await startWorkers(…)`. */
  [Symbol.asyncDispose](): Promise<void>
}
