import { limit, yardsticks } from './contestants.ts'
import type { Run } from './measure.ts'
import type { Setting } from './options.ts'
import { median, ratiosToNeighbours, type Spread, spreadOf } from './statistics.ts'

/** What is to be reached against node:net, and whether it was. */
export interface Aim {
  readonly ratio: number
  readonly met: boolean
}

export interface Row {
  readonly contestant: string
  readonly framesPerSecond: number
  /** To the better variant of node:net. */
  readonly ratio: Spread
  readonly ratioPerCpuSecond: Spread
  /** Of the frames a second that C++ without JavaScript echoes, 0 to 1 and above. */
  readonly ofLimit: number
  readonly slowestP99Ns: number
  /** As `ratio`: below 1 the slowest connection waits less than with node:net. */
  readonly slowestP99Ratio: Spread
  /** Of native back ends with frames lent to a callback. */
  readonly aim?: Aim
}

/** What was measured at one size of payload and one setting. */
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
    const wanted = aimedRatio(name, payloadBytes, setting)
    return {
      contestant: name,
      framesPerSecond: medianOf(name, 'framesPerSecond'),
      ratio,
      ratioPerCpuSecond: ratios(name, yardstick, 'framesPerCpuSecond'),
      ofLimit: ratios(name, limit.name, 'framesPerSecond').median,
      slowestP99Ns: medianOf(name, 'slowestP99Ns'),
      slowestP99Ratio: ratios(name, yardstick, 'slowestP99Ns'),
      ...(wanted === undefined ? {} : { aim: { ratio: wanted, met: ratio.median >= wanted } }),
    }
  })
  return { ...setting, payloadBytes, yardstick, rows: rows.sort((a, b) => b.ratio.median - a.ratio.median) }
}

/** What this project wants of its native back ends when frames are lent. */
function aimedRatio(contestant: string, payloadBytes: number, { connections }: Setting): number | undefined {
  const [backend, style] = contestant.split('/')
  if (style !== 'callback' || backend === 'net') return undefined
  return connections >= 64 && payloadBytes <= 1024 ? 1.8 : 1.3
}
