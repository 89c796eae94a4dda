import { createMemoryPair, createVirtualClock, type PairOptions, type VirtualClock } from '@frameport/testing'
import { WatchedStream } from './watched-stream.ts'

/** What a connection in memory does besides carrying bytes. Everything that has arrived comes in one chunk by default. */
export type NetworkOptions = Omit<PairOptions, 'clock'>

export interface Network {
  readonly time: VirtualClock
  readonly a: WatchedStream
  readonly b: WatchedStream
}

/** Two ends of a connection in memory, and the time that passes for them. */
export function network(options: NetworkOptions = {}): Network {
  const time = createVirtualClock()
  const { a, b } = createMemoryPair({ clock: time, chunking: 'merged', ...options })
  return { time, a: new WatchedStream(a), b: new WatchedStream(b) }
}
