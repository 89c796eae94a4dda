import {
  describeValue,
  isDuration,
  missingMethods,
  shapes,
  timerMsMax,
  wrongKind,
} from '@frameport/protocol/checks'
import type { SessionEnvironment } from '@frameport/protocol/session'
import { wholeNumber } from './chunking.ts'
import { limits } from './limits.ts'
import { checked, refuse, TestingError } from './testing-error.ts'

/** What pairs of streams and pairs of channels have in common: the network between their ends. */
export interface NetworkOptions {
  /** Where latency is counted: a virtual clock. Needed only with `latencyMs`. */
  readonly clock?: SessionEnvironment | undefined
  /** One way, in both directions. Default 0: delivered in a microtask. */
  readonly latencyMs?: number | undefined
  /** What one direction carries before the sender's queue grows. Default {@link limits} `windowBytes`. */
  readonly windowBytes?: number | undefined
  /** Default {@link limits} `highWatermarkBytes`. */
  readonly highWatermarkBytes?: number | undefined
  /** Default {@link limits} `lowWatermarkBytes`, at most the high one. */
  readonly lowWatermarkBytes?: number | undefined
  /** Overwrite lent bytes after the callback, so that who keeps them notices. Default true. */
  readonly poisonLentBytes?: boolean | undefined
}

export const networkOptionNames = [
  'clock',
  'latencyMs',
  'windowBytes',
  'highWatermarkBytes',
  'lowWatermarkBytes',
  'poisonLentBytes',
] as const satisfies readonly (keyof NetworkOptions)[]

export type Network = {
  readonly [Name in Exclude<keyof NetworkOptions, 'clock'>]-?: NonNullable<NetworkOptions[Name]>
} & {
  readonly clock: SessionEnvironment | undefined
}

/** @throws TestingError `INVALID_OPTION` */
export function checkedNetwork(options: NetworkOptions): Network {
  const { clock, latencyMs = 0, poisonLentBytes = true } = options
  checked(() => refuse(missingMethods('clock', clock, shapes.environment)))
  checked(() => refuse(wrongKind('poisonLentBytes', poisonLentBytes, 'boolean')))
  if (!(isDuration(latencyMs) && latencyMs <= timerMsMax)) {
    throw new TestingError(
      'INVALID_OPTION',
      `latencyMs is ${describeValue(latencyMs)}, not a number from 0 to ${timerMsMax}.`,
    )
  }
  if (latencyMs > 0 && clock === undefined) {
    throw new TestingError('INVALID_OPTION', 'latencyMs needs a clock: give { clock, latencyMs }.')
  }
  const windowBytes = wholeNumber('windowBytes', defaulted(options.windowBytes, limits.windowBytes))
  const { highWatermarkBytes, lowWatermarkBytes } = checkedWatermarks(options)
  return { clock, latencyMs, windowBytes, highWatermarkBytes, lowWatermarkBytes, poisonLentBytes }
}

/** @throws TestingError `INVALID_OPTION` */
export function checkedWatermarks(
  options: Pick<NetworkOptions, 'highWatermarkBytes' | 'lowWatermarkBytes'>,
): {
  readonly highWatermarkBytes: number
  readonly lowWatermarkBytes: number
} {
  const highWatermarkBytes = wholeNumber(
    'highWatermarkBytes',
    defaulted(options.highWatermarkBytes, limits.highWatermarkBytes),
    0,
  )
  const lowWatermarkBytes = wholeNumber(
    'lowWatermarkBytes',
    defaulted(options.lowWatermarkBytes, Math.min(limits.lowWatermarkBytes, highWatermarkBytes)),
    0,
  )
  if (lowWatermarkBytes > highWatermarkBytes) {
    throw new TestingError(
      'INVALID_OPTION',
      `lowWatermarkBytes is ${lowWatermarkBytes}, more than highWatermarkBytes, which is ${highWatermarkBytes}.`,
    )
  }
  return { highWatermarkBytes, lowWatermarkBytes }
}

/** Only what is left out has a default: null is none. */
export function defaulted(value: number | undefined, otherwise: number): number {
  return value === undefined ? otherwise : value
}
