import type { SimWayOptions } from '@frameport/testing'
import type { Draw } from '../support/draw.ts'

/** A network so fast that everything in flight arrives in time, however much it is. */
export const fastWay: SimWayOptions = {
  latencyMs: 1,
  bytesPerSecond: Number.POSITIVE_INFINITY,
  windowBytes: 65_536,
  pieceBytesMax: 65_536,
}

/** A random network, on which nothing breaks by itself. */
export function drawWay(draw: Draw): SimWayOptions {
  return {
    latencyMs: draw.pick([0, 1, { minMs: 1, maxMs: 5 }, { minMs: 10, maxMs: 60 }, { minMs: 0, maxMs: 250 }]),
    // Fast enough for a pong that waits after all data that a connection may queue.
    bytesPerSecond: draw.pick([Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY, 200_000]),
    windowBytes: draw.pick([1_500, 16_384, 65_536]),
    pieceBytesMax: draw.pick([200, 1_448, 65_536]),
  }
}

export function drawHost(draw: Draw, isCrowded: boolean, isLong: boolean) {
  const drawn = isLong ? 1_048_576 : draw.pick([2_000, 20_000, 1_048_576])
  const highWatermarkBytes = isCrowded ? 2_000 : drawn
  return {
    clockRate: draw.pick([1, 1, 0.95, 0.99, 1.01, 1.05]),
    highWatermarkBytes,
    lowWatermarkBytes: highWatermarkBytes / 4,
  }
}
