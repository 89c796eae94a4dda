export type { BusLinkOptions } from './workers/bus/bus-link.ts'
export { WorkerBus, type WorkerBusOptions } from './workers/bus/worker-bus.ts'
export {
  type WorkerLimitOptions,
  type WorkerLimits,
  workerLimits,
} from './workers/limits.ts'
export { ServedLogs, type SharedLogs } from './workers/log/served-logs.ts'
export { WorkerLogs } from './workers/log/worker-logs.ts'
export type { WorkerCloseOptions } from './workers/messages.ts'
export type { StartWorkersOptions, WorkerLost, WorkerStarted } from './workers/pool-options.ts'
export type * from './workers/pool-types.ts'
export { startWorkers } from './workers/start-workers.ts'
export { type ThisWorker, thisWorker, type WorkerServerOptions } from './workers/this-worker.ts'
