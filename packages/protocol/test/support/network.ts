import { createMemoryPair, createVirtualClock, type PairOptions, type VirtualClock } from '@frameport/testing'
import { WatchedStream } from './watched-stream.ts'

/** The behaviour of a connection in memory. By default, everything that has arrived comes in one chunk. */
export type NetworkOptions = Omit<PairOptions, 'clock'>

export interface Network {
  readonly time: VirtualClock
  readonly a: WatchedStream
  readonly b: WatchedStream
}

/** Two ends of a connection in memory, and their virtual clock. */
export function network(options: NetworkOptions = {}): Network {
  const time = createVirtualClock()
  const { a, b } = createMemoryPair({ clock: time, chunking: 'merged', ...options })
  return { time, a: new WatchedStream(a), b: new WatchedStream(b) }
}
