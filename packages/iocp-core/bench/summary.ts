import { type Aim, aimsOf, wantedOf } from './aims.ts'
import { bunListen, limit, yardsticks } from './contestants.ts'
import type { Run } from './measure.ts'
import type { Setting } from './options.ts'
import { median, ratiosToNeighbours, type Spread, spreadOf } from './statistics.ts'

export interface Row {
  readonly contestant: string
  readonly framesPerSecond: number
  /** The ratio to the best variant of node:net. */
  readonly ratio: Spread
  /** The ratio to Bun.listen; NaN if Bun is not installed. */
  readonly ratioToBun: Spread
  readonly ratioPerCpuSecond: Spread
  /** The ratio to the frames per second of the C++ server without JavaScript. */
  readonly ofLimit: number
  readonly slowestP99Ns: number
  /** Like `ratio`. Below 1, the slowest connection waits less than with node:net. */
  readonly slowestP99Ratio: Spread
  /** Empty for contestants that are not part of this project. */
  readonly aims: readonly Aim[]
}

/** The results at one payload size and one setting. */
export interface Place extends Setting {
  readonly payloadBytes: number
  /** The variant of node:net with the higher median here. */
  readonly yardstick: string
  readonly rows: readonly Row[]
}

type Figure = 'framesPerSecond' | 'framesPerCpuSecond' | 'slowestP99Ns'

export function summarize(payloadBytes: number, setting: Setting, runs: readonly Run[]): Place {
  const medianOf = (name: string, figure: Figure) =>
    median(runs.filter(({ contestant }) => contestant === name).map((run) => run[figure]))
  const ratios = (name: string, reference: string, figure: Figure) =>
    spreadOf(
      ratiosToNeighbours(
        runs.map((run) => ({ contestant: run.contestant, value: run[figure] })),
        name,
        reference,
      ),
    )
  const names = [...new Set(runs.map(({ contestant }) => contestant))]
  const yardstick = yardsticks
    .map(({ name }) => name)
    .reduce((best, name) =>
      medianOf(name, 'framesPerSecond') > medianOf(best, 'framesPerSecond') ? name : best,
    )
  const rows = names.map((name): Row => {
    const ratio = ratios(name, yardstick, 'framesPerSecond')
    const ratioToBun = ratios(name, bunListen.name, 'framesPerSecond')
    const slowestP99Ratio = ratios(name, yardstick, 'slowestP99Ns')
    return {
      contestant: name,
      framesPerSecond: medianOf(name, 'framesPerSecond'),
      ratio,
      ratioToBun,
      ratioPerCpuSecond: ratios(name, yardstick, 'framesPerCpuSecond'),
      ofLimit: ratios(name, limit.name, 'framesPerSecond').median,
      slowestP99Ns: medianOf(name, 'slowestP99Ns'),
      slowestP99Ratio,
      aims: aimsOf(wantedOf(name, payloadBytes, setting), {
        overNodeNet: ratio.median,
        overBun: ratioToBun.median,
        slowestP99: slowestP99Ratio.median,
      }),
    }
  })
  return { ...setting, payloadBytes, yardstick, rows: rows.sort((a, b) => b.ratio.median - a.ratio.median) }
}
