import { type BackendName, probe } from '@frameport/iocp-core'
import { messagePortWorld } from './message-port-world.ts'
import { nodeStreamWorld } from './node-stream-world.ts'
import { portWorld } from './port-world.ts'
import { channelWorld, memoryWorld } from './virtual-worlds.ts'
import type { World } from './world.ts'

export type WorldName = 'memory' | 'memory channels' | 'message port' | 'node streams' | BackendName

/** Worlds that keep the borders of frames themselves: no bytes, no length prefix. */
export const frameWorlds: readonly WorldName[] = ['memory channels', 'message port']

/** Every world of this operating system, with the reason why one is left out here. */
export const worlds: readonly {
  readonly name: WorldName
  readonly open: () => World
  readonly absent?: string
}[] = [
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
]
