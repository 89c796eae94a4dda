import { probe } from '@frameport/iocp-core'
import { messagePortWorld } from './message-port-world.ts'
import { nodeStreamWorld } from './node-stream-world.ts'
import { portWorld } from './port-world.ts'
import { tlsWorld } from './tls-world.ts'
import { channelWorld, memoryWorld } from './virtual-worlds.ts'
import type { World } from './world.ts'
import type { WorldName } from './world-name.ts'
import { wsWorld } from './ws-world.ts'

export type { WorldName }

/** Worlds that preserve the boundaries of frames by themselves, without a length prefix. */
export const frameWorlds: readonly WorldName[] = ['memory channels', 'message port', 'ws']

interface KnownWorld {
  readonly name: WorldName
  readonly open: () => World
  readonly absent?: string
}

/** The worlds of this operating system, with the reason if one is unavailable here. */
const known: readonly KnownWorld[] = [
  { name: 'memory', open: memoryWorld },
  { name: 'memory channels', open: channelWorld },
  { name: 'message port', open: messagePortWorld },
  { name: 'node streams', open: nodeStreamWorld },
  ...probe()
    .filter(({ cause }) => cause !== 'other_system')
    .map(({ backend, available, reason }) => {
      const open = () => portWorld(backend)
      return available ? { name: backend, open } : { name: backend, open, absent: reason ?? 'unknown' }
    }),
  { name: 'tls', open: tlsWorld },
  { name: 'ws', open: wsWorld },
]

/** Every known world, or those in FRAMEPORT_TEST_WORLDS: `memory,net`. */
export const worlds: readonly KnownWorld[] =
  process.env.FRAMEPORT_TEST_WORLDS?.split(',').map(worldOf) ?? known

function worldOf(name: string): KnownWorld {
  const world = known.find((candidate) => candidate.name === name)
  if (world !== undefined) return world
  throw new Error(
    `FRAMEPORT_TEST_WORLDS names ${name}, and is a list of ${known.map((each) => each.name).join(', ')}`,
  )
}
