import {
  asSentence,
  describeValue,
  isDuration,
  listOfNames,
  nameHint,
  timerMsMax,
} from '@frameport/protocol/checks'
import { wholeNumber } from '../chunking.ts'
import { limits } from '../limits.ts'
import type { EndLimits } from '../pair-end-types.ts'
import { checkedWatermarks } from '../pair-options.ts'
import { optionsOf, refuse, TestingError } from '../testing-error.ts'
import type { SimCut, SimCutPoint, SimHostOptions, SimLatency, SimWayOptions } from './sim-types.ts'

/** All options of a way, with defaults. */
export interface WayFacts {
  readonly latency: { readonly minMs: number; readonly maxMs: number }
  readonly bytesPerSecond: number
  readonly windowBytes: number
  readonly pieceBytesMax: number
}

/** All options of a host, with defaults. */
export interface HostFacts {
  readonly clockRate: number
  readonly clockOffsetMs: number
  readonly streams: EndLimits
}

export const wayOptionNames = ['latencyMs', 'bytesPerSecond', 'windowBytes', 'pieceBytesMax'] as const

export const defaultWay: WayFacts = {
  latency: { minMs: limits.latencyMinMs, maxMs: limits.latencyMaxMs },
  bytesPerSecond: Number.POSITIVE_INFINITY,
  windowBytes: limits.windowBytes,
  pieceBytesMax: limits.pieceBytesMax,
}

/**
 * Applies `options` to the options `before` of a way.
 *
 * @throws TestingError `INVALID_OPTION`
 */
export function checkedWay(options: SimWayOptions, before: WayFacts): WayFacts {
  const { latencyMs, bytesPerSecond, windowBytes, pieceBytesMax } = options
  return {
    latency: latencyMs === undefined ? before.latency : checkedLatency(latencyMs),
    bytesPerSecond: bytesPerSecond === undefined ? before.bytesPerSecond : checkedRate(bytesPerSecond),
    windowBytes: windowBytes === undefined ? before.windowBytes : wholeNumber('windowBytes', windowBytes),
    pieceBytesMax:
      pieceBytesMax === undefined ? before.pieceBytesMax : wholeNumber('pieceBytesMax', pieceBytesMax),
  }
}

/** @throws TestingError `INVALID_OPTION` */
export function checkedHostOptions(given: SimHostOptions, drawnOffsetMs: number): HostFacts {
  const options = optionsOf(given, ['clockRate', 'clockOffsetMs', 'highWatermarkBytes', 'lowWatermarkBytes'])
  const { clockRate = 1, clockOffsetMs = drawnOffsetMs } = options
  const { clockRateMin, clockRateMax } = limits
  if (!(typeof clockRate === 'number' && clockRate >= clockRateMin && clockRate <= clockRateMax))
    refuse(`clockRate is ${describeValue(clockRate)}, not a number from ${clockRateMin} to ${clockRateMax}`)
  if (!Number.isFinite(clockOffsetMs))
    refuse(`clockOffsetMs is ${describeValue(clockOffsetMs)}, not a finite number`)
  return { clockRate, clockOffsetMs, streams: { ...checkedWatermarks(options), poisonLentBytes: true } }
}

/** @throws TestingError `INVALID_OPTION` */
export function checkedHostName(name: string): string {
  if (typeof name === 'string' && isHostName(name)) return name
  refuse(
    `The name of a host is ${describeValue(name)}, not 1 to ${limits.hostNameLengthMax} letters, digits, dots and hyphens`,
  )
  return name
}

/** @throws TestingError `INVALID_OPTION` */
export function checkedPort(port: number): number {
  if (Number.isSafeInteger(port) && port >= 1 && port <= 65_535) return port
  refuse(`The port is ${describeValue(port)}, not an integer from 1 to 65535`)
  return port
}

/**
 * Returns the host and the port of an address.
 *
 * @throws TestingError `INVALID_OPTION`
 */
export function checkedAddress(address: string): { readonly host: string; readonly port: number } {
  const [, host = '', port = ''] =
    (typeof address === 'string' ? /^(?:sim:\/\/)?([^:/]+):(\d{1,5})$/.exec(address) : undefined) ?? []
  if (!isHostName(host))
    refuse(`The address is ${describeValue(address)}, not HOST:PORT or sim://HOST:PORT, such as server:5500`)
  return { host, port: checkedPort(Number(port)) }
}

/** For an unknown host: the name that was probably meant, or the existing names. */
export function unknownHost(host: unknown, known: readonly string[]): TestingError {
  const hint = typeof host === 'string' ? nameHint(host, known) : `: the hosts are ${listOfNames(known)}`
  return new TestingError(
    'INVALID_OPTION',
    asSentence(`The host is ${describeValue(host)}, not one of this network${hint}`),
  )
}

/** @throws TestingError `INVALID_OPTION` */
export function checkedChoice<Choice extends string>(
  what: string,
  value: Choice,
  choices: readonly Choice[],
): Choice {
  if (!choices.includes(value)) refuse(`${what} is ${describeValue(value)}, not one of ${choices.join(', ')}`)
  return value
}

/** @throws TestingError `INVALID_OPTION` */
export function checkedCut(how: SimCut): SimCut {
  return checkedChoice('how', how, ['reset', 'end', 'silence'])
}

/** @throws TestingError `INVALID_OPTION` */
export function checkedCutPoint(when: SimCutPoint): SimCutPoint {
  const { direction, afterBytes } = optionsOf(when, ['direction', 'afterBytes'], 'when')
  return {
    direction: checkedChoice('direction', direction, ['there', 'back']),
    afterBytes: wholeNumber('afterBytes', afterBytes, 0),
  }
}

function isHostName(name: string): boolean {
  return name.length <= limits.hostNameLengthMax && /^[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?$/i.test(name)
}

function checkedLatency(latency: SimLatency): WayFacts['latency'] {
  if (typeof latency === 'number') {
    const ms = checkedDelay('latencyMs', latency)
    return { minMs: ms, maxMs: ms }
  }
  if (typeof latency !== 'object' || latency === null)
    refuse(`latencyMs is ${describeValue(latency)}, neither a number nor { minMs, maxMs }`)
  const { minMs, maxMs } = optionsOf(latency, ['minMs', 'maxMs'], 'latencyMs')
  checkedDelay('latencyMs.minMs', minMs)
  checkedDelay('latencyMs.maxMs', maxMs)
  if (minMs > maxMs) refuse(`latencyMs.minMs is ${minMs}, more than latencyMs.maxMs, which is ${maxMs}`)
  return { minMs, maxMs }
}

function checkedDelay(option: string, value: number): number {
  if (!(isDuration(value) && value <= timerMsMax))
    refuse(`${option} is ${describeValue(value)}, not a number from 0 to ${timerMsMax}`)
  return value
}

function checkedRate(bytesPerSecond: number): number {
  if (!(typeof bytesPerSecond === 'number' && bytesPerSecond >= 1))
    refuse(`bytesPerSecond is ${describeValue(bytesPerSecond)}, not a number of 1 or more, or Infinity`)
  return bytesPerSecond
}
