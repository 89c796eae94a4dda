import { build } from 'hdr-histogram-js'
import type { Latencies } from './messages.ts'

const ticksOfMs = 10_000

/** In tenths of a microsecond up to a minute, three digits. */
export class LatencyRecorder {
  readonly #histogram = build({
    lowestDiscernibleValue: 1,
    highestTrackableValue: 60_000 * ticksOfMs,
    numberOfSignificantValueDigits: 3,
  })

  record(ms: number): void {
    this.#histogram.recordValue(Math.min(60_000, Math.max(0, ms)) * ticksOfMs)
  }

  read(): Latencies {
    const us = (percentile: number) => this.#histogram.getValueAtPercentile(percentile) / (ticksOfMs / 1000)
    return {
      calls: this.#histogram.totalCount,
      p50Us: us(50),
      p99Us: us(99),
      mostUs: this.#histogram.maxValue / (ticksOfMs / 1000),
    }
  }
}
