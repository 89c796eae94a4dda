import { framingLimits } from '@frameport/framing'
import { wholeNumber } from './chunking.ts'
import { FrameQueue } from './frame-queue.ts'
import { ChannelEnd, type MemoryChannel } from './memory-channel.ts'
import { leftOversOf } from './pair-left-overs.ts'
import { checkedNetwork, defaulted, type NetworkOptions, networkOptionNames } from './pair-options.ts'
import { PlainWire } from './plain-wire.ts'
import { optionsOf } from './testing-error.ts'

export interface ChannelsOptions extends NetworkOptions {
  /** The longest payload that each end takes at first, in bytes. Default 1,048,576, as channels over bytes. */
  readonly receiveBytesMax?: number | undefined
  /** The longest payload that each end sends at first, in bytes. Default 1,048,576. */
  readonly sendBytesMax?: number | undefined
}

/** Two connected channels. The frames that one sends, the other receives. */
export interface MemoryChannels {
  readonly a: MemoryChannel
  readonly b: MemoryChannel
  /** What is still open or undelivered, one line each; see `assertQuiet`. */
  leftOvers(): readonly string[]
}

/**
 * Connects two in-memory channels of frames: what a transport that keeps the borders of messages itself (a WebSocket,
 * a MessagePort) looks like to a session. No length prefix, no byte stream below: `frameOverheadBytes` is 0, and
 * nothing of `attachFrames` runs.
 *
 * As a pair of streams, with frames for bytes: a window (a frame longer than it travels alone), a queue with
 * watermarks, half-close, reset, lent payloads, and never a callback from inside a call. An abort loses what was
 * queued, on the way or not yet delivered. A limit of a channel that is no whole number from 0 up is refused with
 * TestingError `INVALID_OPTION`.
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
