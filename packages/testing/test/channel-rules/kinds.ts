import { attachFrames, type FrameChannel } from '@frameport/framing'
import { type ChannelsOptions, createMemoryChannels, createVirtualClock } from '../../src/index.ts'
import { patterned } from '../recorder.ts'
import { memoryStreams, type Streams, simulatedStreams } from '../stream-rules/kinds.ts'

export interface Channels extends Pick<Streams, 'clock' | 'settle' | 'leftOvers'> {
  readonly a: FrameChannel
  readonly b: FrameChannel
}

/** Without a latency option, `settle` delivers everything. */
export type RuleOptions = Omit<ChannelsOptions, 'clock'>

/**
 * Every rule of this folder holds for frames over a byte stream and for channels without one. So each test is written
 * once and runs over both.
 */
export const kinds: readonly (readonly [string, (options?: RuleOptions) => Promise<Channels>])[] = [
  ['channels over a pair of byte streams', (options) => attached(memoryStreams, options)],
  ['channels over a simulated network', (options) => attached(simulatedStreams, options)],
  ['a pair of channels', memoryChannels],
]

async function memoryChannels(options: RuleOptions = {}): Promise<Channels> {
  const clock = createVirtualClock()
  return { ...createMemoryChannels({ clock, ...options }), clock, settle: () => clock.advance(0) }
}

async function attached(
  open: (options?: RuleOptions) => Promise<Streams>,
  { receiveBytesMax, sendBytesMax, ...options }: RuleOptions = {},
): Promise<Channels> {
  const streams = await open(options)
  const channels = { ...streams, a: attachFrames(streams.a), b: attachFrames(streams.b) }
  for (const channel of [channels.a, channels.b]) {
    if (receiveBytesMax !== undefined) channel.receiveBytesMax = receiveBytesMax
    if (sendBytesMax !== undefined) channel.sendBytesMax = sendBytesMax
  }
  return channels
}

/** Limits that a few frames reach. */
export const small = { windowBytes: 20, highWatermarkBytes: 40, lowWatermarkBytes: 5 }

/** A payload that needs exactly `bytes` of a channel, overhead included. */
export function taking(channel: FrameChannel, bytes: number): Uint8Array {
  return patterned(bytes - channel.frameOverheadBytes)
}
