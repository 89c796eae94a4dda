export { attachFrames, frameChannelOf } from './channel/attach-frames.ts'
export type { ByteStream, ByteStreamSink, SendVerdict } from './channel/byte-stream.ts'
export { type FrameChannel, type FrameSink, isFrameChannel } from './channel/frame-channel.ts'
export { FrameDecoder } from './codec/decoder.ts'
export { FrameEncoder, type Payload } from './codec/encoder.ts'
export {
  type FrameCodecOptions,
  type FrameFormat,
  headerBytes,
  payloadBytesLargest,
} from './codec/frame-format.ts'
export { type FramingErrorCode, framingErrorCodes } from './error-codes.ts'
export { FramingError, type FramingErrorDetails, type LikelyProtocol } from './framing-error.ts'
export { framingLimits } from './limits.ts'
export { type FrameDuplex, type FrameDuplexOptions, openFrames } from './pull/open-frames.ts'
export { readFrames } from './pull/read-frames.ts'
export type {
  ByteSink,
  NodeWritableLike,
  PartialWriter,
  WritableStreamLike,
  WritableStreamWriterLike,
} from './pull/sinks.ts'
export type { ByteSource, ReadableStreamLike, ReadableStreamReaderLike } from './pull/sources.ts'
export { FrameWriter, writeFrames } from './pull/write-frames.ts'
