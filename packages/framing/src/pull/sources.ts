import type { ByteStream } from '../channel/byte-stream.ts'
import { FramingError } from '../framing-error.ts'
import { isObject } from '../support/checked-objects.ts'
import { describeValue } from '../support/describe-value.ts'

/** The part of a web ReadableStream (WHATWG Streams, section 4) that reading needs. */
export interface ReadableStreamLike {
  getReader(): ReadableStreamReaderLike
}

export interface ReadableStreamReaderLike {
  read(): Promise<{ readonly done: boolean; readonly value?: Uint8Array | undefined }>
  cancel(reason?: unknown): Promise<void>
  releaseLock(): void
}

/**
 * Where frames can be read from: a node Readable or Duplex or any other AsyncIterable of chunks that the
 * receiver may keep, a web ReadableStream, or a ByteStream.
 */
export type ByteSource = ByteStream | ReadableStreamLike | AsyncIterable<Uint8Array>

/** The chunks of a source that is no ByteStream. Leaving the loop cancels or destroys the source. */
export function chunksOf(source: ReadableStreamLike | AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> {
  if (isObject(source)) {
    if ('getReader' in source && typeof source.getReader === 'function')
      return readerChunks(source.getReader())
    if (Symbol.asyncIterator in source) return source
  }
  throw new FramingError(
    'INVALID_CHUNK',
    `The source is ${describeValue(source)}: give an AsyncIterable of bytes, a web ReadableStream or a ByteStream.`,
  )
}

async function* readerChunks(reader: ReadableStreamReaderLike): AsyncGenerator<Uint8Array, void, undefined> {
  let finished = false
  try {
    while (true) {
      const { done, value } = await reader.read()
      if (done) break
      if (value !== undefined) yield value
    }
    finished = true
  } catch (error) {
    finished = true
    throw error
  } finally {
    if (!finished) await reader.cancel()
    reader.releaseLock()
  }
}
