import type { HeapState } from '../../support/messages.ts'
import type { RivalWork } from '../../support/rival/messages.ts'
import { nodeFlagsOfAllocation } from '../figures/allocation.ts'
import { type Pair, withPair } from '../program-pair.ts'
import type { Member } from './member.ts'
import { askRival, type RivalPrograms } from './rival-programs.ts'

/** Bytes of heap and of buffers per call on each side. */
export interface BytesOfCall {
  readonly serverBytes: number
  readonly clientBytes: number
}

export interface IdleBytes {
  /** The memory of the server with all connections. */
  readonly residentBytes: number
  /** The difference for each connection between the two amounts. */
  readonly bytesPerConnection: number
}

/** So few that no garbage is collected during them, even if a call allocates 60 KiB. */
const countedSteps = 5000
const warmUp = { ask: 'warm up', steps: 10_000, ms: 20_000 } as const

/**
 * The allocated bytes per call, counted as the guard does. Undefined if they cannot be counted: under Bun, and if
 * garbage was collected in between.
 */
export function measureBytesOfCall(
  programs: RivalPrograms,
  { entry, program }: Member,
): Promise<BytesOfCall | undefined> {
  if (entry.runtime === 'bun') return Promise.resolve(undefined)
  return withPair(program, nodeFlagsOfAllocation, async (pair) => {
    programs.check(entry, pair)
    await askRival(pair.client, warmUp)
    await collect(pair)
    const before = await heaps(pair)
    const { units } = await askRival<RivalWork>(pair.client, { ask: 'count', steps: countedSteps })
    const after = await heaps(pair)
    if (after.some(({ collections }, at) => collections !== before[at]!.collections)) return undefined
    const [serverBytes, clientBytes] = after.map(
      ({ usedBytes }, at) => (usedBytes - before[at]!.usedBytes) / units,
    )
    return { serverBytes: serverBytes!, clientBytes: clientBytes! }
  })
}

/** As in `bench:core`: the young generation keeps its initial size; otherwise its growth would count as memory of connections. */
export const nodeFlagsOfIdle: readonly string[] = ['--expose-gc', '--max-semi-space-size=1']
/** The first connections use up one-time costs of a process, and free room in its heap. */
const firstShare = 0.2

/** Opens connections, first some and then all, and reads the resident memory of the server, after a collection. */
export function measureIdle(
  programs: RivalPrograms,
  { entry, program }: Member,
  connections: number,
): Promise<IdleBytes> {
  return withPair(program, entry.runtime === 'bun' ? [] : nodeFlagsOfIdle, async (pair) => {
    programs.check(entry, pair)
    await askRival(pair.client, { ...warmUp, steps: 2000 })
    const hold = async (held: number) => {
      await askRival(pair.client, { ask: 'hold', connections: held })
      await collect(pair)
      return pair.server.residentBytes()
    }
    const first = Math.max(1, Math.floor(connections * firstShare))
    const before = await hold(first)
    const residentBytes = await hold(connections)
    return { residentBytes, bytesPerConnection: (residentBytes - before) / (connections - first) }
  })
}

async function collect({ server, client }: Pair): Promise<void> {
  for (const side of [server, client]) await askRival(side, { ask: 'collect' })
}

const heaps = ({ server, client }: Pair) =>
  Promise.all([server, client].map((side) => askRival<HeapState>(side, { ask: 'heap' })))
