export { assertQuiet, type Quietable } from './assert-quiet.ts'
export type { Chunking } from './chunking.ts'
export { type TestingErrorCode, testingErrorCodes } from './error-codes.ts'
export { limits } from './limits.ts'
export { createMemoryPair, type MemoryPair, type PairOptions } from './memory-pair.ts'
export type { MemoryStream, MemoryStreamCounters } from './memory-stream.ts'
export { TestingError } from './testing-error.ts'
export {
  createVirtualClock,
  type LiveTimer,
  type VirtualClock,
  type VirtualClockOptions,
} from './virtual-clock.ts'
