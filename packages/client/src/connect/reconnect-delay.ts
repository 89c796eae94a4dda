import { delayFloorMs } from '../reconnect-options.ts'

/** More doublings would not make the delay longer, because of its bound. */
const doublingsMax = 30
/** The longest wait that a server can ask for: its value may be wrong, or hostile. */
const retryAfterMaxMs = 5 * 60_000
/** Clients with the same requested wait are spread over the same time again, at most this long. */
const spreadMaxMs = 5_000

/** The bounds of delays, in milliseconds. */
export interface DelayBounds {
  /** The bound of the first delay. The bound doubles with each failure. */
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
 * Returns the delay after the loss of a connection that lasted: at most the first bound. A single client is back soon.
 * When a server with thousands of clients dies, they do not all connect at the same moment.
 *
 * @param random a number in [0, 1)
 */
export function firstDelayMs(random: number, { delayMs, delayMaxMs }: DelayBounds): number {
  return random * Math.min(delayMs, delayMaxMs)
}

/**
 * Returns the delay, or a longer one if the server asked for it.
 *
 * @param random a number in [0, 1)
 */
export function noEarlierThan(delayMs: number, retryAfterMs: number | undefined, random: number): number {
  if (retryAfterMs === undefined || retryAfterMs <= 0) return delayMs
  const askedMs = believedRetryAfterMs(retryAfterMs)
  return Math.max(delayMs, askedMs + random * Math.min(askedMs, spreadMaxMs))
}

/** Returns the requested wait, limited to the maximum. */
export function believedRetryAfterMs(retryAfterMs: number): number {
  return Math.min(retryAfterMs, retryAfterMaxMs)
}
