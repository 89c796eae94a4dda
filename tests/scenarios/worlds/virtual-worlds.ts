import { createClient } from '@frameport/client'
import { type ByteStream, type FrameChannel, isFrameChannel } from '@frameport/framing'
import type { Server } from '@frameport/server'
import {
  type ChannelsOptions,
  createMemoryChannels,
  createMemoryPair,
  createVirtualClock,
  type MemoryChannels,
  type MemoryPair,
  type PairOptions,
  type VirtualClock,
} from '@frameport/testing'
import { rawPeerOnBytes, rawPeerOnFrames } from './raw-peer.ts'
import { assertNothingLeft, type World } from './world.ts'

export interface VirtualWorld<Pair> extends World {
  readonly environment: VirtualClock
  readonly clock: VirtualClock
  /** The pairs in the order of their creation. The server has the end `b`. */
  readonly pairs: readonly Pair[]
}

/** Byte streams that are split at random. */
export function memoryWorld(options: PairOptions = {}): VirtualWorld<MemoryPair> {
  return virtualWorld('memory', (clock, index) =>
    createMemoryPair({ clock, chunking: { bytesMax: 40, seed: index }, ...options }),
  )
}

/** Channels of frames without bytes below them. */
export function channelWorld(options: ChannelsOptions = {}): VirtualWorld<MemoryChannels> {
  return virtualWorld('memory channels', (clock) => createMemoryChannels({ clock, ...options }))
}

function virtualWorld<Pair extends MemoryPair | MemoryChannels>(
  name: string,
  make: (clock: VirtualClock, index: number) => Pair,
): VirtualWorld<Pair> {
  const clock = createVirtualClock()
  const pairs: Pair[] = []
  const clients: { $close(): Promise<void> }[] = []
  const connected = (server: Server): ByteStream | FrameChannel => {
    const pair = make(clock, pairs.length)
    pairs.push(pair)
    server.accept(pair.b)
    return pair.a
  }
  return {
    name,
    environment: clock,
    remote: /^memory:$/,
    clock,
    pairs,
    async connect(server, contract, options = {}) {
      const client = createClient(contract, connected(server), { environment: clock, ...options })
      clients.push(client)
      return client
    },
    async connectRaw(server) {
      const end = connected(server)
      return isFrameChannel(end) ? rawPeerOnFrames(end) : rawPeerOnBytes(end)
    },
    cut: (side) => pairs.at(-1)?.[side === 'client' ? 'a' : 'b'].abort(),
    run: (promise) => clock.until(promise),
    async eventually(what, condition) {
      for (let turn = 0; turn < 1_000; turn++) {
        if (condition()) return
        await clock.settle()
      }
      throw new Error(`never: ${what}`)
    },
    settle: () => clock.settle(),
    async close(server) {
      await clock.until(Promise.all(clients.map((client) => client.$close())))
      await clock.until(server.close())
      assertNothingLeft([...clock.leftOvers(), ...pairs.flatMap((pair) => pair.leftOvers())])
      const carried = pairs.some(({ a }) => a.counters.chunksDelivered > 0)
      if (clients.length > 0 && !carried) throw new Error(`nothing went through ${name}`)
    },
  }
}
