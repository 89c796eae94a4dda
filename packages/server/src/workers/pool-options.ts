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

/** A worker that listens. */
export interface WorkerStarted {
  readonly index: number
  readonly threadId: number
  /** How often a worker had this place before. */
  readonly restarts: number
}

/** A worker whose thread has ended although nobody had asked it to. */
export interface WorkerLost {
  readonly index: number
  /** What it threw, or a text with its exit code. */
  readonly error: Error
  /** When another one takes its place, in milliseconds from now. Undefined: none does, since the pool ends. */
  readonly restartInMs: number | undefined
}

export interface StartWorkersOptions {
  /** How many. Default: as many as the machine can run at once (`os.availableParallelism()`). */
  readonly workers?: number | undefined
  /** Logs that the main thread has opened, by the names that `worker.log(name)` asks for. Each needs `follow`. */
  readonly logs?: Readonly<Record<string, EventLog>> | undefined
  /** For `worker.data`: what the structured clone can copy. */
  readonly data?: unknown
  /** Of each thread, as those of `node`. Default: those of this process. */
  readonly execArgv?: readonly string[] | undefined
  /** Environment variables of each thread. Default: a copy of those of this process. */
  readonly env?: Readonly<Record<string, string | undefined>> | undefined
  /** Of the heap of each thread. A worker that goes over it is lost, and started again. */
  readonly resourceLimits?: ResourceLimits | undefined
  /** Where the pool writes. Default: warnings and errors, on the console. False: nowhere. */
  readonly log?: Logger | false | undefined
  /** The defaults are in `workerLimits`. */
  readonly limits?: WorkerLimitOptions | undefined
  /** A worker listens. What it throws is thrown as uncaught. */
  readonly onWorkerStarted?: ((facts: WorkerStarted) => void) | undefined
  /** A worker died. What it throws is thrown as uncaught. */
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

/** More threads than that are a mistake. */
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
