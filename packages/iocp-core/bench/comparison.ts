import { againOf, beforeOf } from './contestants.ts'
import type { Run } from './measure.ts'
import { ratiosToNeighbours, type Spread, spreadOf } from './statistics.ts'
import type { Place } from './summary.ts'
import { placeTitle, spread, type Table } from './table.ts'

/** One contestant compared with the same contestant of the other checkout. */
export interface Comparison {
  readonly contestant: string
  readonly figure: Figure
  /** The ratio of now to before. Above 1 is better, also for CPU time (frames per CPU second). */
  readonly now: Spread
  /** The ratio of the twin to the contestant itself: the effect of chance. */
  readonly chance: Spread
  /** Whether the median is below 1 and below all ratios of the twin. */
  readonly lost: boolean
}

type Figure = 'framesPerSecond' | 'framesPerCpuSecond'

/** Compares every contestant that ran beside that of another checkout and beside a twin. */
export function compare(runs: readonly Run[]): Comparison[] {
  const names = [...new Set(runs.map(({ contestant }) => contestant))]
  return names
    .filter((name) => names.includes(beforeOf(name)))
    .flatMap((name) => [
      compareFigure(runs, name, 'framesPerSecond'),
      compareFigure(runs, name, 'framesPerCpuSecond'),
    ])
}

function compareFigure(runs: readonly Run[], contestant: string, figure: Figure): Comparison {
  const sequence = runs.map((run) => ({ contestant: run.contestant, value: run[figure] }))
  const now = spreadOf(ratiosToNeighbours(sequence, contestant, beforeOf(contestant)))
  const chance = spreadOf(ratiosToNeighbours(sequence, againOf(contestant), contestant))
  return { contestant, figure, now, chance, lost: now.median < Math.min(1, chance.lowest) }
}

const titles: Readonly<Record<Figure, string>> = {
  framesPerSecond: 'frames/s',
  framesPerCpuSecond: 'per CPU second',
}

export function comparisonTable(place: Place, comparisons: readonly Comparison[]): Table {
  return {
    title: `${placeTitle(place)}: now as a ratio to before`,
    head: ['contestant', 'figure', 'now : before', 'twin : now', 'verdict'],
    rows: comparisons.map(({ contestant, figure, now, chance, lost }) => [
      contestant,
      titles[figure],
      spread(now),
      spread(chance),
      lost ? 'lost' : 'held',
    ]),
  }
}
