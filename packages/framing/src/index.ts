export { attachFrames, frameChannelOf } from './attach-frames.ts'
export type { ByteStream, ByteStreamSink, SendVerdict } from './byte-stream.ts'
export { FrameDecoder } from './decoder.ts'
export { FrameEncoder, type Payload } from './encoder.ts'
export { type FramingErrorCode, framingErrorCodes } from './error-codes.ts'
export { type FrameChannel, type FrameSink, isFrameChannel } from './frame-channel.ts'
export { type FrameCodecOptions, type FrameFormat, headerBytes, payloadBytesLargest } from './frame-format.ts'
export { FramingError, type FramingErrorDetails } from './framing-error.ts'
export type { LikelyProtocol } from './likely-protocol.ts'
export { framingLimits } from './limits.ts'
export { type FrameDuplex, type FrameDuplexOptions, openFrames } from './open-frames.ts'
export { readFrames } from './read-frames.ts'
export type {
  ByteSink,
  NodeWritableLike,
  PartialWriter,
  WritableStreamLike,
  WritableStreamWriterLike,
} from './sinks.ts'
export type { ByteSource, ReadableStreamLike, ReadableStreamReaderLike } from './sources.ts'
export { FrameWriter, writeFrames } from './write-frames.ts'
