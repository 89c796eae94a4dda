import type { Unit } from '../support/messages.ts'
import { type Pair, type Program, withPairs } from './program-pair.ts'
import { median, rotated } from './statistics.ts'

/** The figures of one program in one slice of time. Units are calls, items of a stream, or deliveries of events. */
export interface Slice {
  readonly unitsPerSecond: number
  /** CPU time of all threads of that process, without other processes on the machine. */
  readonly serverUs: number
  readonly clientUs: number
}

/** All slices of one program in one round. */
interface Run {
  readonly unit: Unit
  readonly slices: readonly Slice[]
}

/** By the name of the program. */
export type Round = ReadonlyMap<string, Run>

/** The time of one program in one round: as short as garbage collection allows, which runs several times in each. */
const slicesOfRound = 8

/**
 * Programs live for one round and work in turn, a slice each. So neighbours are a fifth of a second apart, and other
 * load on the machine affects all alike; the differences between two processes (the order in which V8
 * compiles, the addresses of memory) are chance between rounds, which the statistics include.
 */
export function measureRound(programs: readonly Program[], round: number, measureMs: number): Promise<Round> {
  return withPairs(programs, async (pairs) => {
    const members = programs.map(({ name }, at) => ({ name, pair: pairs[at]!, slices: [] as Slice[] }))
    for (const { pair } of rotated(members, round)) await pair.client.warmUp()
    for (let turn = 0; turn < slicesOfRound; turn++) {
      for (const { pair, slices } of rotated(members, round + turn))
        slices.push(await measureSlice(pair, measureMs / slicesOfRound))
    }
    return new Map(
      members.map(({ name, pair, slices }) => [name, { unit: pair.client.ready.unit ?? 'call', slices }]),
    )
  })
}

async function measureSlice({ server, client }: Pair, ms: number): Promise<Slice> {
  const [serverBefore, clientBefore] = [server.cpuNs(), client.cpuNs()]
  const { units, elapsedMs } = await client.run(ms)
  return {
    unitsPerSecond: (units / elapsedMs) * 1000,
    serverUs: (server.cpuNs() - serverBefore) / units / 1000,
    clientUs: (client.cpuNs() - clientBefore) / units / 1000,
  }
}

/** The figure of one program in a round as a ratio to another: the median of slices that are neighbours in time. */
export function ratioOf(
  round: Round,
  name: string,
  reference: string,
  figure: (slice: Slice) => number,
): number {
  const references = round.get(reference)!.slices
  return median(round.get(name)!.slices.map((slice, at) => figure(slice) / figure(references[at]!)))
}

export function medianOf(rounds: readonly Round[], name: string, figure: (slice: Slice) => number): number {
  return median(rounds.flatMap((round) => round.get(name)!.slices.map(figure)))
}
