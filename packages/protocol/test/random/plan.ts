import type { PairOptions } from '@frameport/testing'
import type { Draw } from '../../../../tests/support/draw.ts'
import { defaultSessionLimits, type SessionLimits } from '../../src/session/index.ts'
import type { CallKind, Role } from './model/trace.ts'

/** What carries the frames of a run: frame channels, or framing over byte streams. */
export type Layer = 'frames' | 'bytes'

export type Act =
  | 'call'
  | 'cancel'
  | 'grant'
  | 'answer'
  | 'item'
  | 'upload'
  | 'read'
  | 'late'
  | 'emit'
  | 'slow'
  | 'quick'
  | 'announceEnd'
  | 'close'
  | 'abort'
  | 'cut'
  | 'silence'

/** How the server answers the hello. */
export type Greeting = 'at once' | 'late' | 'refused' | 'failing'

/** What a seed decides before the first step. In most runs, some kinds of acts do not occur. */
export interface Plan {
  readonly limits: Readonly<Record<Role, SessionLimits>>
  readonly network: Omit<PairOptions, 'clock'>
  readonly acts: Readonly<Record<Act, number>>
  /** The weight of each kind of call. */
  readonly kinds: Readonly<Record<CallKind, number>>
  readonly greeting: Greeting
  readonly steps: number
  /** The step before which each side gets its channel. */
  readonly attachAt: Readonly<Record<Role, number>>
  /** The probability that a callback of a session calls the session. */
  readonly reentrance: number
}

export function drawPlan(draw: Draw): Plan {
  // In a fifth of the runs, many calls share a connection that is full most of the time.
  const isCrowded = draw.chance(0.2)
  const often = (weights: readonly number[]) => draw.pick(weights)
  return {
    limits: { client: drawLimits(draw, isCrowded), server: drawLimits(draw, isCrowded) },
    network: drawNetwork(draw, isCrowded),
    acts: {
      call: isCrowded ? 20 : 8,
      cancel: often([0, 1, 4]),
      grant: often([1, 4]),
      answer: often([2, 6]),
      item: often([1, 6]),
      upload: often([1, 6]),
      read: often([1, 6]),
      late: often([0, 1, 2]),
      emit: often([0, 1, 3]),
      slow: isCrowded ? 4 : often([0, 0, 2, 4]),
      quick: 1,
      announceEnd: often([0, 0, 1]),
      close: often([0, 0, 0, 0.5, 1]),
      abort: often([0, 0, 0, 0, 0.5]),
      cut: often([0, 0, 0, 0, 0, 0.5]),
      silence: often([0, 0, 0.5]),
    },
    kinds: {
      unary: often([1, 4]),
      'server-stream': often([0, 4, 4]),
      'client-stream': often([0, 4, 4]),
      'both-ways': often([0, 4]),
      'one-way': often([0, 1, 4]),
    },
    greeting: draw.weighted({ 'at once': 12, late: 3, refused: 0.5, failing: 0.5 }),
    steps: draw.int(10, 40),
    attachAt: { client: draw.pick([0, 0, 0, 2]), server: draw.pick([0, 0, 0, 3]) },
    reentrance: draw.pick([0, 0.05, 0.2]),
  }
}

function drawLimits(draw: Draw, isCrowded: boolean): SessionLimits {
  const bodyBytesMax = draw.pick([400, 3_000, 6_000])
  return {
    ...defaultSessionLimits,
    frameBytesMax: draw.pick([4_096, 8_192]),
    bodyBytesMax,
    bodiesPartialBytesMax: bodyBytesMax + draw.pick([0, 500, 20_000]),
    pieceBytes: draw.pick([60, 300, 1_000]),
    callsInFlightMax: isCrowded ? 16 : draw.pick([1, 2, 3, 8]),
    onewaysInFlightMax: draw.pick([0, 1, 3, 16]),
    uploadItems: draw.pick([0, 1, 3, 16]),
    uploadBytes: draw.pick([0, 1, 700, 65_536]),
    // In most runs, memory does not run out.
    sessionMemoryBytesMax: draw.chance(0.15) ? 65_536 : 16_777_216,
    handlerStopMs: draw.pick([0, 50, 400]),
    callsQueuedMax: draw.pick([1, 3, 100]),
    callsAbandonedMax: draw.pick([1, 3, 1024]),
    helloTimeoutMs: 3_000,
    heartbeatIntervalMs: draw.pick([0, 300, 1_500]),
    heartbeatTimeoutMs: 2_000,
    metadataEntriesMax: draw.pick([0, 2, 64]),
    metadataBytesMax: draw.pick([20, 8_192]),
    answerBytesQueuedMax: isCrowded ? 50 : draw.pick([50, 1_000, 1_048_576]),
    refusalsUnreadMax: draw.pick([2, 1024]),
    stalledTimeoutMs: draw.pick([1_000, 60_000]),
    closeGraceMs: draw.pick([0, 100, 2_000]),
    closeLingerMs: draw.pick([20, 500]),
  }
}

function drawNetwork(draw: Draw, isCrowded: boolean): Plan['network'] {
  const highWatermarkBytes = isCrowded ? 100 : draw.pick([100, 500, 5_000, 1_048_576])
  return {
    latencyMs: draw.pick([0, 0, 1, 15]),
    windowBytes: isCrowded ? 100 : draw.pick([100, 1_500, 65_536]),
    highWatermarkBytes,
    lowWatermarkBytes: Math.floor(highWatermarkBytes * draw.pick([0, 0.25, 1])),
    chunking: draw.pick([
      'as-sent',
      'merged',
      { bytesMax: draw.pick([3, 50, 2_000]), seed: draw.int(1, 1_000_000) },
    ]),
  }
}
