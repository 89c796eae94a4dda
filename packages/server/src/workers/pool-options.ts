import { availableParallelism } from 'node:os'
import type { ResourceLimits } from 'node:worker_threads'
import {
  checking,
  describeValue,
  missingMethods,
  readOnce,
  unknownName,
  wrongKind,
} from '@frameport/protocol/checks'
import { refusal, refuse } from '../check-options.ts'
import { loggerOf } from '../console-logger.ts'
import type { EventLog } from '../event-log.ts'
import type { Logger } from '../logger.ts'
import { resolveWorkerLimits, type WorkerLimitOptions, type WorkerLimits } from './limits.ts'

/** The argument of `onWorkerStarted`. */
export interface WorkerStarted {
  /** The index of the worker, from 0 to one less than the number of workers. A successor has the same index. */
  readonly index: number
  /** The id of its thread, as in `node:worker_threads`. */
  readonly threadId: number
  /** How often a worker with this index was started again. */
  readonly restarts: number
}

/** The argument of `onWorkerLost`: the thread of a worker has ended although the pool was not closing. */
export interface WorkerLost {
  /** The index of the worker. */
  readonly index: number
  /** A ServerError `WORKER_FAILED`, whose cause is the error that the worker threw, or has its exit code. */
  readonly error: Error
  /** The time until the worker is started again, in milliseconds. Undefined: it is not, because the pool closes. */
  readonly restartInMs: number | undefined
}

/** The options of `startWorkers`. */
export interface StartWorkersOptions {
  /** The number of workers, from 1 to 1,024. Default: `os.availableParallelism()`. */
  readonly workers?: number | undefined
  /**
   * Logs that the main thread has opened, by the names that workers give to `worker.log(name)`. Each needs `follow`.
   * Default: none.
   */
  readonly logs?: Readonly<Record<string, EventLog>> | undefined
  /** A value for `worker.data`, which the structured clone algorithm must be able to copy. */
  readonly data?: unknown
  /** The Node.js options of each thread. Default: those of this process. */
  readonly execArgv?: readonly string[] | undefined
  /** The environment variables of each thread. Default: a copy of those of this process. */
  readonly env?: Readonly<Record<string, string | undefined>> | undefined
  /**
   * The limits of the heap of each thread, as in `node:worker_threads`. A worker that exceeds them dies and is started
   * again. Default: those of Node.js.
   */
  readonly resourceLimits?: ResourceLimits | undefined
  /** The logger of the pool. Default: warnings and errors go to the console. `false`: no log. */
  readonly log?: Logger | false | undefined
  /** Limits and timeouts that differ from the defaults in {@link workerLimits}. */
  readonly limits?: WorkerLimitOptions | undefined
  /** Called when a worker listens. An error that it throws is an uncaught exception. */
  readonly onWorkerStarted?: ((facts: WorkerStarted) => void) | undefined
  /** Called when a worker has died. An error that it throws is an uncaught exception. */
  readonly onWorkerLost?: ((facts: WorkerLost) => void) | undefined
}

export interface PoolOptions extends Omit<StartWorkersOptions, 'log' | 'limits'> {
  readonly workers: number
  readonly logs: Readonly<Record<string, EventLog>>
  readonly log: Logger
  readonly limits: WorkerLimits
}

const names: readonly (keyof StartWorkersOptions)[] = [
  'workers',
  'logs',
  'data',
  'execArgv',
  'env',
  'resourceLimits',
  'log',
  'limits',
  'onWorkerStarted',
  'onWorkerLost',
]

/** A larger number of threads is a mistake. */
const workersMax = 1_024

/** @throws ServerError `INVALID_OPTION`, `INVALID_LIMITS` */
export function checkPoolOptions(given: StartWorkersOptions): PoolOptions {
  return checking(() => {
    refuse(unknownName('options', given, names))
    const read = readOnce(given, names)
    const { workers = availableParallelism(), logs = {}, log } = read
    if (!Number.isSafeInteger(workers) || workers < 1 || workers > workersMax)
      throw refusal(`workers is ${describeValue(workers)}: it must be an integer from 1 to ${workersMax}`)
    refuse(wrongKind('logs', logs, 'object'))
    for (const [name, one] of Object.entries(logs))
      refuse(
        missingMethods(`logs.${name}`, one, {
          what: 'an EventLog with follow, which workers can share',
          methods: ['append', 'after', 'follow'],
        }),
      )
    if (read.execArgv !== undefined && !Array.isArray(read.execArgv))
      throw refusal('execArgv is not an array of Node.js options, such as --enable-source-maps')
    refuse(wrongKind('onWorkerStarted', read.onWorkerStarted, 'function'))
    refuse(wrongKind('onWorkerLost', read.onWorkerLost, 'function'))
    if (log !== undefined && log !== false)
      refuse(
        missingMethods('log', log, {
          what: 'a Logger or false',
          methods: ['debug', 'info', 'warn', 'error'],
        }),
      )
    return { ...read, workers, logs, log: loggerOf(log), limits: resolveWorkerLimits(read.limits) }
  }, refusal)
}
