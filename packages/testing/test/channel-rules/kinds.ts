import { attachFrames, type FrameChannel } from '@frameport/framing'
import { type ChannelsOptions, createMemoryChannels, createMemoryPair } from '../../src/index.ts'
import { patterned } from '../recorder.ts'

interface Channels {
  readonly a: FrameChannel
  readonly b: FrameChannel
  leftOvers(): readonly string[]
}

/**
 * The seam is one: every rule of this folder holds for frames in bytes as for frames that need none. What is
 * written once runs over both.
 */
export const kinds: readonly (readonly [string, (options?: ChannelsOptions) => Channels])[] = [
  ['channels over a pair of byte streams', attachedPair],
  ['a pair of channels', createMemoryChannels],
]

function attachedPair({ receiveBytesMax, sendBytesMax, ...options }: ChannelsOptions = {}): Channels {
  const pair = createMemoryPair(options)
  const channels = { a: attachFrames(pair.a), b: attachFrames(pair.b) }
  for (const channel of Object.values(channels)) {
    if (receiveBytesMax !== undefined) channel.receiveBytesMax = receiveBytesMax
    if (sendBytesMax !== undefined) channel.sendBytesMax = sendBytesMax
  }
  return { ...channels, leftOvers: pair.leftOvers }
}

/** So small that a few frames fill it. */
export const small = { windowBytes: 20, highWatermarkBytes: 40, lowWatermarkBytes: 5 }

/** A payload that takes exactly `bytes` of a channel, overhead included. */
export function taking(channel: FrameChannel, bytes: number): Uint8Array {
  return patterned(bytes - channel.frameOverheadBytes)
}
