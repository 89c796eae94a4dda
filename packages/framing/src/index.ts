export type { ByteStream, ByteStreamSink, SendVerdict } from './byte-stream.ts'
