import type { Row } from '../../support/rival/row.ts'
import { type Entry, takesPart, twinOf } from './contestants.ts'
import { type BytesOfCall, type IdleBytes, measureBytesOfCall, measureIdle } from './measure-memory.ts'
import { measureRivals, type RivalRound } from './measure-rivals.ts'
import type { Member } from './member.ts'
import type { ComparisonOptions } from './options.ts'
import type { Measured } from './result.ts'
import type { RivalPrograms } from './rival-programs.ts'

/** One row, in all its rounds. */
export async function compareRivals(
  programs: RivalPrograms,
  row: Row,
  options: ComparisonOptions,
  progress: (text: string) => void,
): Promise<Measured> {
  const taking = options.entries.filter((entry) => takesPart(entry, row.kind))
  const contestants = taking.map((entry) => memberOf(programs, entry, row, entry.name))
  const twins = (options.hasTwins ? taking : taking.slice(0, 1)).map((entry) =>
    memberOf(programs, entry, row, twinOf(entry.name)),
  )
  const common = {
    row,
    names: contestants.map(({ name }) => name),
    leftOut: options.entries.filter((entry) => !takesPart(entry, row.kind)).map(({ name }) => name),
  }
  if (row.kind === 'idle') {
    const idle = await compareIdle(programs, row, contestants, options.rounds, progress)
    return { ...common, twins: [], rounds: [], bytesOfCall: new Map(), idle }
  }
  const rounds: RivalRound[] = []
  let openPerSecond: number | undefined
  for (let round = 0; round < options.rounds; round++) {
    progress(`${row.title}: round ${round + 1} of ${options.rounds}`)
    const members = [...contestants, ...twins]
    const measured = await measureRivals(programs, row, members, round, options, openPerSecond)
    rounds.push(measured.runs)
    openPerSecond = measured.openPerSecond
  }
  return {
    ...common,
    twins: twins.map(({ name, entry }) => ({ name, of: entry.name })),
    rounds,
    openPerSecond,
    bytesOfCall: await countBytes(programs, row, contestants, progress),
    idle: new Map(),
  }
}

function memberOf(programs: RivalPrograms, entry: Entry, row: Row, name: string): Member {
  return { entry, name, program: programs.program(entry, row, name) }
}

async function compareIdle(
  programs: RivalPrograms,
  row: Row,
  members: readonly Member[],
  rounds: number,
  progress: (text: string) => void,
): Promise<Measured['idle']> {
  const idle = new Map<string, IdleBytes[]>(members.map(({ name }) => [name, []]))
  for (let round = 0; round < rounds; round++) {
    progress(`${row.title}: round ${round + 1} of ${rounds}`)
    for (const member of members)
      idle.get(member.name)!.push(await measureIdle(programs, member, row.connections))
  }
  return idle
}

async function countBytes(
  programs: RivalPrograms,
  row: Row,
  members: readonly Member[],
  progress: (text: string) => void,
): Promise<Measured['bytesOfCall']> {
  const bytes = new Map<string, BytesOfCall>()
  if (row.isAllocationCounted !== true) return bytes
  progress(`${row.title}: bytes of a call`)
  for (const member of members) {
    const counted = await measureBytesOfCall(programs, member)
    if (counted !== undefined) bytes.set(member.name, counted)
  }
  return bytes
}
