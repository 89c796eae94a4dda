import {
  checking,
  describeValue,
  isDuration,
  readOnce,
  unknownName,
  wrongKind,
} from '@frameport/protocol/checks'
import { refusal, refuse } from './check-options.ts'
import type { ReconnectOptions, ReconnectSettings } from './reconnect-types.ts'

/**
 * Clients that lose the same server at the same moment do not connect together, and no client connects without a pause.
 */
export const delayFloorMs = 50

/** How a client reconnects by default: the default of each member of `ReconnectOptions`. */
export const reconnectDefaults: ReconnectSettings = {
  /** A wrong address is reported at once, not after minutes. */
  first: false,
  /** A restart takes seconds. The first attempts are made before users notice a long wait. */
  delayMs: 200,
  /** Of a thousand clients that lost their server, a few dozen try to connect in each second. */
  delayMaxMs: 30_000,
  /** By then, a deployment or a restart of the machine is over. */
  reconnectTimeoutMs: 5 * 60_000,
}

/**
 * Completes the option `reconnect`. Returns undefined for a client that does not reconnect.
 *
 * @throws ClientError `INVALID_OPTION`
 */
export function resolveReconnect(given: false | ReconnectOptions | undefined): ReconnectSettings | undefined {
  if (given === false) return undefined
  return checking(() => {
    if (given === undefined) return reconnectDefaults
    refuse(
      typeof given === 'object' && given !== null
        ? undefined
        : `reconnect is ${describeValue(given)}, not false or an object`,
    )
    const names = Object.keys(reconnectDefaults)
    refuse(unknownName('reconnect', given, names))
    const read = readOnce(given, names)
    refuse(wrongKind('reconnect.first', read.first, 'boolean'))
    for (const name of ['delayMs', 'delayMaxMs', 'reconnectTimeoutMs'] as const) {
      const value = read[name]
      const isBounded = name === 'reconnectTimeoutMs' || value !== Number.POSITIVE_INFINITY
      if (value === undefined || (isDuration(value) && value >= 1 && isBounded)) continue
      refuse(`reconnect.${name} is ${describeValue(value)}, not a number of milliseconds of at least 1`)
    }
    const { first = reconnectDefaults.first, reconnectTimeoutMs = reconnectDefaults.reconnectTimeoutMs } =
      read
    if (read.delayMaxMs !== undefined && read.delayMaxMs < delayFloorMs)
      refuse(`reconnect.delayMaxMs is ${read.delayMaxMs}, less than the minimum of ${delayFloorMs}`)
    // Each of the two options limits the other, but may be given alone.
    const delayMs = read.delayMs ?? Math.min(reconnectDefaults.delayMs, read.delayMaxMs ?? Infinity)
    const delayMaxMs = read.delayMaxMs ?? Math.max(reconnectDefaults.delayMaxMs, delayMs)
    if (delayMs > delayMaxMs)
      refuse(`reconnect.delayMs (${delayMs}) is greater than reconnect.delayMaxMs (${delayMaxMs})`)
    return { first, delayMs, delayMaxMs, reconnectTimeoutMs }
  }, refusal)
}
