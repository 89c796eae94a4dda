import { type FrameCodecOptions, FrameDecoder, FramingError } from '../../src/index.ts'

/** Copies of the frames in `chunks`, which are pushed one by one. */
export function decodeAll(chunks: readonly Uint8Array[], options?: FrameCodecOptions): Uint8Array[] {
  const decoder = new FrameDecoder(options)
  const frames: Uint8Array[] = []
  for (const chunk of chunks) decoder.push(chunk, (payload) => frames.push(payload.slice()))
  return frames
}

/** Returns the error that `run` throws, which must be a FramingError. */
export function failureOf(run: () => unknown): FramingError {
  try {
    run()
  } catch (error) {
    if (FramingError.is(error)) return error
    throw error
  }
  throw new Error('nothing was thrown')
}
