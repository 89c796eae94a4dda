import { delayFloorMs } from '../reconnect-options.ts'

/** Doubled more often it would be no longer anyhow. */
const doublingsMax = 30
/** The maximum wait that a server can ask for: its value may be wrong, or hostile. */
const retryAfterMaxMs = 5 * 60_000
/** Clients that get the same wait come back spread over the same time again, at most this. */
const spreadMaxMs = 5_000

/** The bounds of delays, in milliseconds. */
export interface DelayBounds {
  /** The first is at most this long; each further one may be twice as long as the one before. */
  readonly delayMs: number
  readonly delayMaxMs: number
}

/**
 * Returns the delay before the next attempt to connect: from 50 ms to a bound that doubles with each failure ("full jitter",
 * https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/). The bound is limited before the draw, so that late attempts are spread, too.
 *
 * @param failures the number of consecutive failed attempts
 * @param random a number in [0, 1)
 */
export function reconnectDelayMs(
  failures: number,
  random: number,
  { delayMs, delayMaxMs }: DelayBounds,
): number {
  const boundMs = Math.min(delayMaxMs, delayMs * 2 ** Math.min(failures, doublingsMax))
  const floorMs = Math.min(delayFloorMs, boundMs)
  return floorMs + random * (boundMs - floorMs)
}

/**
 * Returns the delay after the loss of a connection that lasted: up to the first bound. A single client is back soon; when a server with
 * thousands of clients dies, they do not all connect at the same moment.
 *
 * @param random a number in [0, 1)
 */
export function firstDelayMs(random: number, { delayMs, delayMaxMs }: DelayBounds): number {
  return random * Math.min(delayMs, delayMaxMs)
}

/**
 * The same delay, or the later one that the server asked for.
 *
 * @param random a number in [0, 1)
 */
export function noEarlierThan(delayMs: number, retryAfterMs: number | undefined, random: number): number {
  if (retryAfterMs === undefined || retryAfterMs <= 0) return delayMs
  const askedMs = believedRetryAfterMs(retryAfterMs)
  return Math.max(delayMs, askedMs + random * Math.min(askedMs, spreadMaxMs))
}

/** Returns the part of the requested wait that is applied. */
export function believedRetryAfterMs(retryAfterMs: number): number {
  return Math.min(retryAfterMs, retryAfterMaxMs)
}
