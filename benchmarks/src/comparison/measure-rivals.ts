import type { Latencies, RivalWork } from '../../support/rival/messages.ts'
import type { Row } from '../../support/rival/row.ts'
import { type Pair, withPairs } from '../program-pair.ts'
import { median, rotated } from '../statistics.ts'
import type { Member, RunningMember } from './member.ts'
import { askRival, type RivalPrograms } from './rival-programs.ts'

/** The figures of one contestant in one slice of time. */
export interface RivalSlice {
  readonly unitsPerSecond: number
  /** Of all threads of that process, per unit. */
  readonly serverUs: number
  readonly clientUs: number
  /** If each call is timed. */
  readonly latencies?: Latencies | undefined
}

/** The figures of one contestant in one round. */
export interface RivalRun {
  readonly slices: readonly RivalSlice[]
  /** The memory of the server, after the slices. */
  readonly residentBytes: number
  /** At the open load. */
  readonly open?: Latencies
}

/** By the name of the contestant. */
export type RivalRound = ReadonlyMap<string, RivalRun>

export interface RoundOptions {
  readonly measureMs: number
  readonly warmUpSteps: number
  readonly warmUpMs: number
  readonly openLoadMs: number
}

export interface MeasuredRound {
  readonly runs: RivalRound
  /** Calls per second of the open load; undefined in a row without one. */
  readonly openPerSecond: number | undefined
}

/** As in the guard: neighbours in time, so that other load on the machine affects all alike. Long steps have slices of the same length. */
const slicesOf = (row: Row) => (row.kind === 'call' ? 8 : 2)
/** The share of the calls per second of the slowest contestant: none is near its limit. */
const openShare = 0.5

/**
 * All contestants of a row in turn, in new processes: warm-ups, then slices, then the open load. Its rate is half of
 * the rate of the slowest in the first round, and the same in all later rounds (`openPerSecond`).
 */
export function measureRivals(
  programs: RivalPrograms,
  row: Row,
  members: readonly Member[],
  round: number,
  options: RoundOptions,
  openPerSecond: number | undefined,
): Promise<MeasuredRound> {
  return withPairs(
    members.map(({ program }) => program),
    async (pairs) => {
      const running = members.map((member, at): RunningMember => ({ ...member, pair: pairs[at]! }))
      for (const { entry, pair } of running) programs.check(entry, pair)
      const slices = await measureClosed(row, running, round, options)
      const runs = new Map<string, RivalRun>(
        running.map(({ name, pair }) => [
          name,
          { slices: slices.get(name)!, residentBytes: pair.server.residentBytes() },
        ]),
      )
      if (row.isLoadOpened !== true) return { runs, openPerSecond: undefined }
      const perSecond = openPerSecond ?? openShare * slowestOf(runs)
      for (const { name, pair } of rotated(running, round)) {
        const question = { ask: 'open load', perSecond, ms: options.openLoadMs } as const
        runs.set(name, { ...runs.get(name)!, open: await askRival<Latencies>(pair.client, question) })
      }
      return { runs, openPerSecond: perSecond }
    },
  )
}

async function measureClosed(
  row: Row,
  running: readonly RunningMember[],
  round: number,
  { measureMs, warmUpSteps, warmUpMs }: RoundOptions,
): Promise<ReadonlyMap<string, RivalSlice[]>> {
  const slices = new Map<string, RivalSlice[]>(running.map(({ name }) => [name, []]))
  for (const { pair } of rotated(running, round))
    await askRival(pair.client, { ask: 'warm up', steps: warmUpSteps, ms: warmUpMs })
  const turns = slicesOf(row)
  for (let turn = 0; turn < turns; turn++) {
    for (const { name, pair } of rotated(running, round + turn))
      slices.get(name)!.push(await measureSlice(pair, measureMs / turns))
  }
  return slices
}

async function measureSlice({ server, client }: Pair, ms: number): Promise<RivalSlice> {
  const [serverBefore, clientBefore] = [server.cpuNs(), client.cpuNs()]
  const { units, elapsedMs, latencies } = await askRival<RivalWork>(client, { ask: 'run', ms })
  return {
    unitsPerSecond: (units / elapsedMs) * 1000,
    serverUs: (server.cpuNs() - serverBefore) / units / 1000,
    clientUs: (client.cpuNs() - clientBefore) / units / 1000,
    latencies,
  }
}

export function slowestOf(round: RivalRound): number {
  const rates = [...round.values()].map(({ slices }) =>
    median(slices.map(({ unitsPerSecond }) => unitsPerSecond)),
  )
  return Math.min(...rates)
}
