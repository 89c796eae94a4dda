import { isByteStream } from '../channel/byte-stream.ts'
import { FrameDecoder } from '../codec/decoder.ts'
import type { FrameCodecOptions } from '../codec/frame-format.ts'
import { type FrameDuplexOptions, openFrames } from './open-frames.ts'
import { type ByteSource, chunksOf } from './sources.ts'

/**
 * The payloads that arrive on `source`, as copies of the receiver's own, until it ends. The source is asked for
 * more only when its frames were taken. Over a byte stream small frames may share a buffer, as those of {@link openFrames} do.
 * Leaving the loop early, and an error, destroy, cancel or abort it.
 *
 * @throws FramingError `FRAME_TOO_LONG`, `CORRUPT_LENGTH`, `TRUNCATED`, `INVALID_CHUNK`, `INVALID_OPTION`; what
 *   the source throws
 */
export async function* readFrames(
  source: ByteSource,
  options: FrameDuplexOptions = {},
): AsyncGenerator<Uint8Array, void, undefined> {
  if (isByteStream(source)) yield* readByteStream(source, options)
  else yield* readChunks(chunksOf(source), options)
}

async function* readByteStream(
  stream: Parameters<typeof openFrames>[0],
  options: FrameDuplexOptions,
): AsyncGenerator<Uint8Array, void, undefined> {
  for await (const frame of openFrames(stream, options)) yield frame
}

async function* readChunks(
  chunks: AsyncIterable<Uint8Array>,
  options: FrameCodecOptions,
): AsyncGenerator<Uint8Array, void, undefined> {
  const decoder = new FrameDecoder(options)
  for await (const chunk of chunks) {
    decoder.push(chunk)
    yield* decoder
  }
  decoder.end()
}
