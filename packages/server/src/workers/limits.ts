import { describeValue, timerMsMax, unknownName } from '@frameport/protocol/checks'
import { ServerError } from '../server-error.ts'

/**
 * The limits and timeouts of a pool of workers. Each is an integer of at least 1; those in milliseconds are at most
 * 2^31 − 1.
 */
export interface WorkerLimits {
  /**
   * The bytes of events on their way to one worker. When it is exceeded, `publish` waits until the worker has taken
   * half of them. Default: 1 MiB.
   */
  readonly busWindowBytes: number
  /**
   * The bytes of events on their way to one worker. When it is exceeded, further events are left out for that worker,
   * which receives a gap. Default: 8 MiB.
   */
  readonly busBytesMax: number
  /**
   * The time for which publishers wait for a worker that takes no events, in milliseconds. Then events are left out for
   * it, and it receives a gap. Default: 2,000.
   */
  readonly busStalledMs: number
  /**
   * The bytes of logged events on their way to one worker. When it is exceeded, the worker reads the log instead.
   * Default: 4 MiB.
   */
  readonly logBytesMax: number
  /** The time that a worker may take until it listens, in milliseconds. Default: 30,000. */
  readonly startTimeoutMs: number
  /**
   * The first delay before a worker that died is started again, in milliseconds. It doubles each time. Default: 100.
   */
  readonly restartDelayMs: number
  /**
   * The longest delay, in milliseconds. A worker that had listened for at least this long is started again without a
   * delay. Default: 30,000.
   */
  readonly restartDelayMaxMs: number
  /**
   * The number of consecutive failed starts of one worker while no other worker serves. After one more, the pool
   * closes. Default: 5.
   */
  readonly failedStartsMax: number
  /**
   * The time after which a worker that is closing and sends no message is terminated, in milliseconds. Default: 10,000.
   */
  readonly silentMs: number
  /** The time after which a thread whose servers have closed is terminated, in milliseconds. Default: 5,000. */
  readonly exitTimeoutMs: number
  /** The time for which `stats()` waits for a worker, in milliseconds. Default: 1,000. */
  readonly statsTimeoutMs: number
}

/** The defaults of {@link WorkerLimits}. */
export const workerLimits: WorkerLimits = Object.freeze({
  busWindowBytes: 1_048_576,
  busBytesMax: 8_388_608,
  busStalledMs: 2_000,
  logBytesMax: 4_194_304,
  startTimeoutMs: 30_000,
  restartDelayMs: 100,
  restartDelayMaxMs: 30_000,
  failedStartsMax: 5,
  silentMs: 10_000,
  exitTimeoutMs: 5_000,
  statsTimeoutMs: 1_000,
})

/** The option `limits` of `startWorkers`: {@link WorkerLimits}, each with a default. */
export type WorkerLimitOptions = { readonly [Name in keyof WorkerLimits]?: WorkerLimits[Name] | undefined }

/** @throws ServerError `INVALID_LIMITS` */
export function resolveWorkerLimits(given: WorkerLimitOptions = {}): WorkerLimits {
  const names = Object.keys(workerLimits) as (keyof WorkerLimits)[]
  const unknown = unknownName('limits', given, names)
  if (unknown !== undefined) throw new ServerError('INVALID_LIMITS', unknown)
  const resolved: Record<keyof WorkerLimits, number> = { ...workerLimits }
  for (const name of names) {
    const value = given[name]
    if (value === undefined) continue
    const largest = name.endsWith('Ms') ? timerMsMax : Number.MAX_SAFE_INTEGER
    if (!Number.isSafeInteger(value) || value < 1 || value > largest)
      throw new ServerError(
        'INVALID_LIMITS',
        `${name} is ${describeValue(value)}: it must be an integer from 1 to ${largest}`,
      )
    resolved[name] = value
  }
  return Object.freeze(resolved)
}
