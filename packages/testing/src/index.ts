export { assertQuiet, type Quietable } from './assert-quiet.ts'
export type { Chunking } from './chunking.ts'
export type { LiveTimer } from './describe-timers.ts'
export { type TestingErrorCode, testingErrorCodes } from './error-codes.ts'
export { limits } from './limits.ts'
export type { MemoryChannel } from './memory-channel.ts'
export { type ChannelsOptions, createMemoryChannels, type MemoryChannels } from './memory-channels.ts'
export { createMemoryPair, type MemoryPair, type PairOptions } from './memory-pair.ts'
export type { MemoryStream } from './memory-stream.ts'
export { createSimNetwork } from './network/create-sim-network.ts'
export type {
  SimAcceptor,
  SimAcceptorEvents,
  SimConnection,
  SimConnector,
  SimCut,
  SimCutPoint,
  SimHost,
  SimHostOptions,
  SimKill,
  SimLatency,
  SimListener,
  SimNetwork,
  SimNetworkOptions,
  SimWay,
  SimWayOptions,
} from './network/sim-types.ts'
export type { MemoryStreamCounters } from './pair-end-types.ts'
export type { NetworkOptions } from './pair-options.ts'
export { TestingError } from './testing-error.ts'
export {
  createVirtualClock,
  type VirtualClock,
  type VirtualClockOptions,
} from './virtual-clock.ts'
