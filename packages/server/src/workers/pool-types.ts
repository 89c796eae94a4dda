import type { ServerStats } from '../stats.ts'
import type { WorkerCloseOptions } from './messages.ts'

/** The place of one worker in a pool. */
export interface WorkerFacts {
  readonly index: number
  /** Undefined while nobody has the place. */
  readonly threadId: number | undefined
  /** `gone`: it died, and another one will take its place. */
  readonly state: 'starting' | 'listening' | 'closing' | 'gone'
  /** How often a worker had this place before. */
  readonly restarts: number
}

/** What one worker does and holds. */
export interface WorkerStats {
  readonly index: number
  readonly threadId: number
  readonly state: WorkerFacts['state']
  /** Connections that it has accepted, and whose sessions are those of other workers. Undefined: it did not answer in time. */
  readonly relayed: number | undefined
  /** Of its servers together. Undefined: it did not answer in time. */
  readonly server: ServerStats | undefined
}

/** The sum over all workers, and what each of them says. */
export interface PoolStats extends ServerStats {
  /** One for each thread: one that drains and the one that took its place have the same index. */
  readonly workers: readonly WorkerStats[]
}

/** Worker threads that serve one port. */
export interface WorkerPool {
  /** Where they listen: `tcp://0.0.0.0:5500`. */
  readonly url: string
  /** All addresses. */
  readonly urls: readonly string[]
  /** One for each place. */
  readonly workers: readonly WorkerFacts[]
  /** Why there is one worker only, where several cannot share a port. Undefined where they can. */
  readonly alone: string | undefined
  /** Figures of now. A worker that stands still has none, and is not waited for longer than `statsTimeoutMs`. */
  stats(): Promise<PoolStats>
  /**
   * Gives each worker a successor, one after the other: the new one listens before the old one is closed, with the options of `server.close`. Where one worker serves alone it is closed first.
   * Asked again meanwhile it gives the same promise.
   *
   * @throws ServerError `WORKER_FAILED` when a successor cannot start: the old worker goes on then, and those behind it are not replaced. `SERVER_CLOSED`, `INVALID_OPTION`
   */
  restart(options?: WorkerCloseOptions): Promise<void>
  /**
   * Closes the servers of all workers at once, as `server.close` does, and settles when no thread is left. Idempotent; asked again with milliseconds that end earlier, it waits no longer than
   * that. `closeOnSignals(pool)` of `@frameport/server/node` does it when the process is told to end.
   *
   * @throws ServerError `INVALID_OPTION`, by a rejection; nothing was closed then
   */
  close(options?: WorkerCloseOptions): Promise<void>
  /** Settles when the pool has ended: with the reason when it did so because no worker could start any more. */
  closed(): Promise<Error | undefined>
  /** As `close()`: `await using pool = await startWorkers(…)`. */
  [Symbol.asyncDispose](): Promise<void>
}
