import { ByteQueue } from './byte-queue.ts'
import { type Chunking, chunkSizer } from './chunking.ts'
import { limits } from './limits.ts'
import { MemoryEnd, type MemoryStream } from './memory-stream.ts'
import { leftOversOf } from './pair-left-overs.ts'
import { checkedNetwork, type NetworkOptions, networkOptionNames } from './pair-options.ts'
import { PlainWire } from './plain-wire.ts'
import { optionsOf } from './testing-error.ts'

export interface PairOptions extends NetworkOptions {
  /** How arriving bytes are cut. Default `as-sent`. */
  readonly chunking?: Chunking | undefined
}

/** Two connected ends. What one sends, the other receives. */
export interface MemoryPair {
  readonly a: MemoryStream
  readonly b: MemoryStream
  /** What is still open or undelivered, one line each; see `assertQuiet`. */
  leftOvers(): readonly string[]
}

/**
 * Connects two in-memory byte streams that behave as a socket does: a window, a queue with watermarks, half-close,
 * reset, lent chunks, and never a callback from inside a call.
 *
 * An abort is a reset here, the hardest kind: what was queued, on the way or not yet delivered is lost.
 *
 * @throws TestingError `INVALID_OPTION`
 */
export function createMemoryPair(given: PairOptions = {}): MemoryPair {
  const options = optionsOf(given, [...networkOptionNames, 'chunking'])
  const network = checkedNetwork(options)
  const chunking = options.chunking === undefined ? 'as-sent' : options.chunking
  const there = new PlainWire(new ByteQueue(), network, limits.pieceBytesMax)
  const back = new PlainWire(new ByteQueue(), network, limits.pieceBytesMax)
  const a = new MemoryEnd(there, back, network, chunkSizer(chunking))
  const b = new MemoryEnd(back, there, network, chunkSizer(chunking))
  a.peer = b
  b.peer = a
  return { a, b, leftOvers: () => leftOversOf('pair', { a, b }) }
}
