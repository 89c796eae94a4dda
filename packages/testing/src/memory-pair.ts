import {
  describeValue,
  isDuration,
  missingMethods,
  shapes,
  timerMsMax,
  wrongKind,
} from '@frameport/protocol/checks'
import type { SessionEnvironment } from '@frameport/protocol/session'
import { type Chunking, chunkSizer, wholeNumber } from './chunking.ts'
import { limits } from './limits.ts'
import { MemoryEnd, type MemoryStream } from './memory-stream.ts'
import { checked, optionsOf, refuse, TestingError } from './testing-error.ts'
import { Wire } from './wire.ts'

export interface PairOptions {
  /** Where latency is counted: a virtual clock. Needed only with `latencyMs`. */
  readonly clock?: SessionEnvironment
  /** One way, in both directions. Default 0: delivered in a microtask. */
  readonly latencyMs?: number
  /** How arriving bytes are cut. Default `as-sent`. */
  readonly chunking?: Chunking
  /** What one direction carries before the sender's queue grows. Default {@link limits} `windowBytes`. */
  readonly windowBytes?: number
  /** Default {@link limits} `highWatermarkBytes`. */
  readonly highWatermarkBytes?: number
  /** Default {@link limits} `lowWatermarkBytes`, at most the high one. */
  readonly lowWatermarkBytes?: number
  /** Overwrite lent chunks after the callback, so that who keeps them notices. Default true. */
  readonly poisonLentBytes?: boolean
}

const optionNames = [
  'clock',
  'latencyMs',
  'chunking',
  'windowBytes',
  'highWatermarkBytes',
  'lowWatermarkBytes',
  'poisonLentBytes',
] as const satisfies readonly (keyof PairOptions)[]

/** Two connected ends. What one sends, the other receives. */
export interface MemoryPair {
  readonly a: MemoryStream
  readonly b: MemoryStream
  /** What is still open or undelivered, one line each; see `assertQuiet`. */
  leftOvers(): readonly string[]
}

/**
 * Connects two in-memory byte streams that behave as a socket does: a window, a queue with watermarks, half-close,
 * reset, lent chunks, and never a callback from inside a call.
 *
 * An abort is a reset here, the hardest kind: what was queued, on the way or not yet delivered is lost.
 *
 * @throws TestingError `INVALID_OPTION`
 */
export function createMemoryPair(given: PairOptions = {}): MemoryPair {
  const options = optionsOf(given, optionNames)
  const { clock, latencyMs = 0, chunking = 'as-sent', poisonLentBytes = true } = options
  checked(() => refuse(missingMethods('clock', clock, shapes.environment)))
  checked(() => refuse(wrongKind('poisonLentBytes', poisonLentBytes, 'boolean')))
  if (!(isDuration(latencyMs) && latencyMs <= timerMsMax)) {
    throw new TestingError(
      'INVALID_OPTION',
      `latencyMs is from 0 to ${timerMsMax}, got ${describeValue(latencyMs)}.`,
    )
  }
  if (latencyMs > 0 && clock === undefined) {
    throw new TestingError(
      'INVALID_OPTION',
      'latencyMs needs a clock: createMemoryPair({ clock, latencyMs }).',
    )
  }
  const windowBytes = wholeNumber('windowBytes', defaulted(options.windowBytes, limits.windowBytes))
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
    throw new TestingError('INVALID_OPTION', 'lowWatermarkBytes is at most highWatermarkBytes.')
  }
  const wires = [0, 1].map(() => new Wire({ environment: clock, latencyMs, windowBytes })) as [Wire, Wire]
  const common = { highWatermarkBytes, lowWatermarkBytes, poisonLentBytes }
  const a = new MemoryEnd({ ...common, outgoing: wires[0], incoming: wires[1], sizer: chunkSizer(chunking) })
  const b = new MemoryEnd({ ...common, outgoing: wires[1], incoming: wires[0], sizer: chunkSizer(chunking) })
  a.peer = b
  b.peer = a
  return { a, b, leftOvers: () => [...leftOver('a', a), ...leftOver('b', b)] }
}

/** Only what is left out has a default: null is none. */
function defaulted(value: number | undefined, otherwise: number): number {
  return value === undefined ? otherwise : value
}

function leftOver(name: string, end: MemoryEnd): string[] {
  const { queuedBytes, onWayBytes } = end.counters
  const lines: string[] = []
  if (end.state === 'open') lines.push(`end ${name} of a pair is open`)
  if (queuedBytes + onWayBytes > 0) {
    lines.push(`end ${name} of a pair has ${queuedBytes} bytes queued and ${onWayBytes} on the way`)
  }
  return lines
}
