import { isByteStream } from '../channel/byte-stream.ts'
import { FrameDecoder } from '../codec/decoder.ts'
import type { FrameCodecOptions } from '../codec/frame-format.ts'
import { type FrameDuplexOptions, openFrames } from './open-frames.ts'
import { type ByteSource, chunksOf } from './sources.ts'

/**
 * Yields the payloads that arrive on `source`, as copies that the caller may keep, until the source ends. It reads more only when the frames
 * so far were taken. Over a byte stream, small frames may share a buffer, as with {@link openFrames}. Leaving the loop early, or an
 * error, destroys, cancels or aborts the source.
 *
 * @example
 * for await (const frame of readFrames(socket)) console.log(frame.length)
 *
 * @throws FramingError `FRAME_TOO_LONG`, `CORRUPT_LENGTH`, `TRUNCATED`, `INVALID_CHUNK`, `INVALID_OPTION`; errors of the source
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
