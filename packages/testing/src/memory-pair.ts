import { ByteQueue } from './byte-queue.ts'
import { type Chunking, chunkSizer } from './chunking.ts'
import { limits } from './limits.ts'
import { MemoryEnd, type MemoryStream } from './memory-stream.ts'
import { leftOversOf } from './pair-left-overs.ts'
import { checkedNetwork, type NetworkOptions, networkOptionNames } from './pair-options.ts'
import { PlainWire } from './plain-wire.ts'
import { optionsOf } from './testing-error.ts'

/** Options of {@link createMemoryPair}. */
export interface PairOptions extends NetworkOptions {
  /** How arriving bytes are divided into chunks. Default `as-sent`. */
  readonly chunking?: Chunking | undefined
}

/** Two connected byte streams. Each receives the bytes that the other sends. */
export interface MemoryPair {
  /** One end. */
  readonly a: MemoryStream
  /** The other end. */
  readonly b: MemoryStream
  /** Lists open ends and undelivered bytes, one line each, for {@link assertQuiet}. */
  leftOvers(): readonly string[]
}

/**
 * Makes two connected byte streams in memory. They behave like a socket: a window, a queue with watermarks, half-close, reset, lent
 * chunks, and never a callback inside a call.
 *
 * An abort is the hardest kind of reset: everything that was queued, on its way or not yet delivered is lost.
 *
 * @example
 * const pair = createMemoryPair({ chunking: { bytes: 1 } })
 * server.accept(pair.b)
 * const client = createClient(chat, pair.a)
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
