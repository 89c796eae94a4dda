import { describeValue, timerMsMax, unknownName } from '@frameport/protocol/checks'
import { ServerError } from '../server-error.ts'

/** What a pool of workers holds and waits for at most. Each is a whole number from 1 on. */
export interface WorkerLimits {
  /** Bytes of events that are on their way to one worker, over which `publish` waits until it has taken half of them. */
  readonly busWindowBytes: number
  /** The same, over which events are left out for that worker, which is told of a gap. */
  readonly busBytesMax: number
  /** A worker that takes no event for so long while publishers wait for it, in milliseconds, is not waited for any more, and is told of a gap. */
  readonly busStalledMs: number
  /** Bytes of logged events that are on their way to one worker, over which it is told to read the log. */
  readonly logBytesMax: number
  /** How long a worker may take until it listens, in milliseconds. */
  readonly startTimeoutMs: number
  /** The first delay before a worker that died is started again, in milliseconds. It doubles each time. */
  readonly restartDelayMs: number
  /** The longest delay. A worker that has listened for so long is started again at once. */
  readonly restartDelayMaxMs: number
  /** Starts of one worker that may fail in a row while no other worker serves: one more, and the pool ends. */
  readonly failedStartsMax: number
  /** How long a worker that ends may say nothing, in milliseconds. It is terminated then. */
  readonly silentMs: number
  /** How long the thread of a worker may go on when its servers have closed, in milliseconds. It is terminated then. */
  readonly exitTimeoutMs: number
  /** How long `stats()` waits for a worker, in milliseconds. */
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
