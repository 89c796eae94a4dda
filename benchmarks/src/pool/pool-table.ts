import type { RoomTalk } from '../../support/room/program.ts'
import { digits } from '../comparison/report.ts'
import { median } from '../statistics.ts'
import type { Table } from '../table.ts'

/** The figures of one contestant in two slices of time, one for each kind of work. Times are of all threads of its server. */
export interface PoolSlice {
  readonly calls: { readonly units: number; readonly serverNs: number }
  readonly room: RoomTalk & { readonly serverNs: number }
}

/** The figures of one contestant in a run. */
export interface PoolRun {
  readonly slices: readonly PoolSlice[]
  /** Connections of each worker, in each round. */
  readonly spreads: readonly (readonly number[])[]
}

/** The aim for the work of two workers, as a ratio to that of one, in the same CPU time. */
const shareAimed = 0.85
/** The aim for the share of the connections of the worker with the fewest, with two workers. */
const spreadAimed = 0.4

const figures = {
  calls: ({ calls: { units, serverNs } }: PoolSlice) => units / (serverNs / 1e9),
  deliveries: ({ room: { deliveries, serverNs } }: PoolSlice) => deliveries / (serverNs / 1e9),
} as const
type Figure = keyof typeof figures

/** Slice by slice, so that other load on the machine affects both. */
function sharesOf(figure: Figure, own: PoolRun, first: PoolRun): number[] {
  const { [figure]: of } = figures
  return own.slices.map((slice, at) => of(slice) / of(first.slices[at]!))
}

/** The smallest share that a worker had of the connections, in any round. */
export function leastSpread({ spreads }: PoolRun): number {
  return Math.min(...spreads.map((counts) => Math.min(...counts) / counts.reduce((sum, one) => sum + one, 0)))
}

/** @param runs the others are compared with the first contestant */
export function poolTable(title: string, runs: ReadonlyMap<string, PoolRun>): Table {
  const first = firstOf(runs)
  const share = (figure: Figure, own: PoolRun) => {
    const shares = sharesOf(figure, own, first)
    return `${median(shares).toFixed(2)} (${Math.min(...shares).toFixed(2)}–${Math.max(...shares).toFixed(2)})`
  }
  return {
    title,
    head: [
      'contestant',
      'calls for a CPU second of the server',
      'of the first',
      'deliveries for a CPU second of the server',
      'of the first',
      'p50 ms',
      'p99 ms',
      'connections of each worker, %',
    ],
    rows: [...runs].map(([name, own]) => {
      const of = (figure: (slice: PoolSlice) => number) => digits(median(own.slices.map(figure)))
      return [
        name,
        of(figures.calls),
        share('calls', own),
        of(figures.deliveries),
        share('deliveries', own),
        of(({ room }) => room.latencies.p50Us / 1000),
        of(({ room }) => room.latencies.p99Us / 1000),
        own.spreads.map(percents).join(', '),
      ]
    }),
  }
}

function percents(counts: readonly number[]): string {
  const all = counts.reduce((sum, one) => sum + one, 0)
  return counts.map((one) => Math.round((one / all) * 100)).join('/')
}

export interface Aim {
  readonly text: string
  readonly isReached: boolean
}

/** The aims that a contestant with two workers has reached. */
export function aimsOf(name: string, runs: ReadonlyMap<string, PoolRun>): readonly Aim[] {
  const own = runs.get(name)
  if (own === undefined) throw new Error(`There is no contestant ${name}.`)
  const first = firstOf(runs)
  const shares = (['calls', 'deliveries'] as const).map((figure) => ({
    what: `${figure} for a CPU second, of those of one worker`,
    value: median(sharesOf(figure, own, first)),
    least: shareAimed,
  }))
  const spread = {
    what: 'the least share of the connections that a worker had',
    value: leastSpread(own),
    least: spreadAimed,
  }
  return [...shares, spread].map(({ what, value, least }) => ({
    text: `${what}: ${value.toFixed(2)}, at least ${least} was aimed at: ${value >= least ? 'reached' : 'missed'}`,
    isReached: value >= least,
  }))
}

function firstOf(runs: ReadonlyMap<string, PoolRun>): PoolRun {
  const [first] = [...runs.values()]
  if (first === undefined) throw new Error('There is no contestant.')
  return first
}
