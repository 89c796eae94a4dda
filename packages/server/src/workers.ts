export {
  type WorkerLimitOptions,
  type WorkerLimits,
  workerLimits,
} from './workers/limits.ts'
export type { WorkerCloseOptions } from './workers/messages.ts'
export type { StartWorkersOptions, WorkerLost, WorkerStarted } from './workers/pool-options.ts'
export type * from './workers/pool-types.ts'
export { startWorkers } from './workers/start-workers.ts'
export { type ThisWorker, thisWorker, type WorkerServerOptions } from './workers/this-worker.ts'
