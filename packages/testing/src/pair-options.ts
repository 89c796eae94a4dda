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

/** Options of the connection between the ends of a pair of streams or of channels. */
export interface NetworkOptions {
  /** The clock that counts the latency: a {@link VirtualClock}. Required if `latencyMs` is over 0. */
  readonly clock?: SessionEnvironment | undefined
  /** The delay of each direction, in milliseconds: 0 to 2^31 − 1. Default 0: delivery in a microtask. */
  readonly latencyMs?: number | undefined
  /** The number of undelivered bytes in one direction above which the sender's queue grows. Default 65,536. */
  readonly windowBytes?: number | undefined
  /** The queue above which `send` returns `full`, in bytes. Default 1,048,576. */
  readonly highWatermarkBytes?: number | undefined
  /** The queue at which `drain` follows, in bytes. At most `highWatermarkBytes`. Default 262,144, or `highWatermarkBytes` if that is less. */
  readonly lowWatermarkBytes?: number | undefined
  /** Whether lent bytes are overwritten after the callback, so that code that keeps them fails visibly. Default true. */
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

/** The default applies to undefined, not to null. */
export function defaulted(value: number | undefined, otherwise: number): number {
  return value === undefined ? otherwise : value
}
