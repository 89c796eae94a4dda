import { type Row, type Unit, unitsOfStep } from '../../support/rival/row.ts'
import { median } from '../statistics.ts'
import type { BytesOfCall, IdleBytes } from './measure-memory.ts'
import type { RivalRound, RivalRun, RivalSlice } from './measure-rivals.ts'

/** A figure of several rounds. */
export interface Spread {
  readonly median: number
  readonly lowest: number
  readonly highest: number
}

/** The figures of one contestant in one row. Figures that were not measured are missing. */
export interface Figures {
  readonly name: string
  readonly unitsPerSecond?: number
  /** Units per second, as a ratio to the reference in the same slices: above 1 it is faster. */
  readonly speed?: Spread
  /** CPU time of a unit. */
  readonly serverUs?: number
  readonly clientUs?: number
  /** The memory of the server. */
  readonly residentBytes?: number
  /** Heap and buffers that a call allocates. */
  readonly serverBytes?: number
  readonly clientBytes?: number
  readonly bytesPerConnection?: number
  /** In the closed loop, in which each call is timed. */
  readonly closedP50Us?: number
  /** At the open load, from the time at which each call was due. */
  readonly openP50Us?: number
  readonly openP99Us?: number
}

export interface RowResult {
  readonly row: Row
  readonly unit: Unit
  /** The contestant with which the others are compared. */
  readonly reference: string
  readonly openPerSecond?: number
  readonly figures: readonly Figures[]
  /** For each contestant with a twin: the twin's speed as a ratio to it. */
  readonly twins: readonly { readonly name: string; readonly speed: Spread }[]
  /** Contestants without this kind of call. */
  readonly leftOut: readonly string[]
}

function spreadOf(figures: readonly number[]): Spread {
  return { median: median(figures), lowest: Math.min(...figures), highest: Math.max(...figures) }
}

/** For each round, the median of the ratios of neighbouring slices. */
function speedsOf(rounds: readonly RivalRound[], name: string, reference: string): Spread {
  return spreadOf(
    rounds.map((round) => {
      const references = round.get(reference)!.slices
      return median(
        round
          .get(name)!
          .slices.map(({ unitsPerSecond }, at) => unitsPerSecond / references[at]!.unitsPerSecond),
      )
    }),
  )
}

export interface Measured {
  readonly row: Row
  /** Names of contestants, the reference first, and their twins. */
  readonly names: readonly string[]
  readonly twins: readonly { readonly name: string; readonly of: string }[]
  readonly leftOut: readonly string[]
  readonly rounds: readonly RivalRound[]
  readonly openPerSecond?: number | undefined
  readonly bytesOfCall: ReadonlyMap<string, BytesOfCall>
  readonly idle: ReadonlyMap<string, readonly IdleBytes[]>
}

export function resultOf(measured: Measured): RowResult {
  const { row, names, rounds, openPerSecond, leftOut } = measured
  const reference = names[0]!
  return {
    row,
    unit: unitsOfStep(row).unit,
    reference,
    ...(openPerSecond === undefined ? {} : { openPerSecond }),
    figures: names.map((name) => figuresOf(measured, name, reference)),
    twins:
      rounds.length === 0
        ? []
        : measured.twins.map(({ name, of }) => ({ name: of, speed: speedsOf(rounds, name, of) })),
    leftOut,
  }
}

function figuresOf({ row, rounds, bytesOfCall, idle }: Measured, name: string, reference: string): Figures {
  const idleBytes = idle.get(name)
  if (idleBytes !== undefined)
    return {
      name,
      residentBytes: median(idleBytes.map(({ residentBytes }) => residentBytes)),
      bytesPerConnection: median(idleBytes.map(({ bytesPerConnection }) => bytesPerConnection)),
    }
  const runs = rounds.map((round) => round.get(name)!)
  const ofSlices = (figure: (slice: RivalSlice) => number) =>
    median(runs.flatMap(({ slices }) => slices.map(figure)))
  const ofRuns = (figure: (run: RivalRun) => number) => median(runs.map(figure))
  return {
    name,
    unitsPerSecond: ofSlices(({ unitsPerSecond }) => unitsPerSecond),
    speed: speedsOf(rounds, name, reference),
    serverUs: ofSlices(({ serverUs }) => serverUs),
    clientUs: ofSlices(({ clientUs }) => clientUs),
    residentBytes: ofRuns(({ residentBytes }) => residentBytes),
    ...bytesOfCall.get(name),
    ...(row.isTimed === true
      ? { closedP50Us: ofSlices(({ latencies }) => latencies?.p50Us ?? Number.NaN) }
      : {}),
    ...(row.isLoadOpened === true
      ? {
          openP50Us: ofRuns(({ open }) => open?.p50Us ?? Number.NaN),
          openP99Us: ofRuns(({ open }) => open?.p99Us ?? Number.NaN),
        }
      : {}),
  }
}
