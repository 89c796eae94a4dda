import type { RivalWork } from '../../support/rival/messages.ts'
import type { Row } from '../../support/rival/row.ts'
import type { Entry } from '../comparison/contestants.ts'
import { askRival, type RivalPrograms } from '../comparison/rival-programs.ts'
import { withPair } from '../program-pair.ts'
import { type Part, partsOf } from './parts.ts'
import { nodeFlagsOfProfile, Perf } from './perf.ts'

/** One working side of a contestant. */
export interface ProfiledSide {
  readonly parts: readonly Part[]
  /** CPU time of all threads. */
  readonly usPerUnit: number
}

export interface RivalProfile {
  readonly server: ProfiledSide
  readonly client: ProfiledSide
}

export interface ProfileTimes {
  readonly warmUpMs: number
  readonly measureMs: number
}

/** Runs a contestant in a row, and samples both sides after a warm-up. */
export function profileRival(
  programs: RivalPrograms,
  entry: Entry,
  row: Row,
  { warmUpMs, measureMs }: ProfileTimes,
): Promise<RivalProfile> {
  return withPair(programs.program(entry, row), nodeFlagsOfProfile, async (pair) => {
    programs.check(entry, pair)
    await askRival(pair.client, { ask: 'warm up', steps: Number.MAX_SAFE_INTEGER, ms: warmUpMs })
    const sides = [pair.server, pair.client]
    const profiles = await Promise.all(sides.map((side) => Perf.attach(side)))
    const before = sides.map((side) => side.cpuNs())
    const { units } = await askRival<RivalWork>(pair.client, { ask: 'run', ms: measureMs })
    const usPerUnit = sides.map((side, at) => (side.cpuNs() - before[at]!) / units / 1000)
    const [server, client] = await Promise.all(
      profiles.map(async (profile, at) => ({
        parts: partsOf(await profile.detach()),
        usPerUnit: usPerUnit[at]!,
      })),
    )
    return { server: server!, client: client! }
  })
}
