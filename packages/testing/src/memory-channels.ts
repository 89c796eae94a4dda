import { framingLimits } from '@frameport/framing'
import { wholeNumber } from './chunking.ts'
import { FrameQueue } from './frame-queue.ts'
import { ChannelEnd, type MemoryChannel } from './memory-channel.ts'
import { leftOversOf } from './pair-left-overs.ts'
import { checkedNetwork, defaulted, type NetworkOptions, networkOptionNames } from './pair-options.ts'
import { PlainWire } from './plain-wire.ts'
import { optionsOf } from './testing-error.ts'

/** Options of {@link createMemoryChannels}. */
export interface ChannelsOptions extends NetworkOptions {
  /** The initial `receiveBytesMax` of each end: the longest payload that it accepts, in bytes. Default 1,048,576, as for channels over byte streams. */
  readonly receiveBytesMax?: number | undefined
  /** The initial `sendBytesMax` of each end: the longest payload that it sends, in bytes. Default 1,048,576. */
  readonly sendBytesMax?: number | undefined
}

/** Two connected channels. Each receives the frames that the other sends. */
export interface MemoryChannels {
  /** One end. */
  readonly a: MemoryChannel
  /** The other end. */
  readonly b: MemoryChannel
  /** Lists open ends and undelivered bytes, one line each, for {@link assertQuiet}. */
  leftOvers(): readonly string[]
}

/**
 * Makes two connected frame channels in memory. They behave like a transport that keeps message boundaries itself, such as a WebSocket or a MessagePort:
 * there is no length prefix and no byte stream below, and `frameOverheadBytes` is 0.
 *
 * The channels have a window (a frame longer than the window travels alone), a queue with watermarks, half-close, reset and lent payloads, and never call a
 * callback inside a call. An abort loses everything that was queued, on its way or not yet delivered. Setting `receiveBytesMax` or `sendBytesMax` to a value
 * that is not an integer of 0 or more throws a TestingError `INVALID_OPTION`.
 *
 * @example
 * const { a, b } = createMemoryChannels()
 * b.start({ frame: (payload) => b.send(payload) })
 * a.start({ frame: (payload) => console.log(payload.length) })
 * a.send(new TextEncoder().encode('hello'))
 *
 * @throws TestingError `INVALID_OPTION`
 */
export function createMemoryChannels(given: ChannelsOptions = {}): MemoryChannels {
  const options = optionsOf(given, [...networkOptionNames, 'receiveBytesMax', 'sendBytesMax'])
  const { frameBytesMax } = framingLimits
  const limits = {
    ...checkedNetwork(options),
    receiveBytesMax: wholeNumber('receiveBytesMax', defaulted(options.receiveBytesMax, frameBytesMax), 0),
    sendBytesMax: wholeNumber('sendBytesMax', defaulted(options.sendBytesMax, frameBytesMax), 0),
  }
  const there = new PlainWire(new FrameQueue(), limits, 0)
  const back = new PlainWire(new FrameQueue(), limits, 0)
  const a = new ChannelEnd(there, back, limits)
  const b = new ChannelEnd(back, there, limits)
  a.peer = b
  b.peer = a
  return { a, b, leftOvers: () => leftOversOf('pair of channels', { a, b }) }
}
