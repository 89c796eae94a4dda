import { FrameEncoder, type Payload } from '../codec/encoder.ts'
import type { FrameCodecOptions } from '../codec/frame-format.ts'
import { plainForStreams } from '../support/bytes.ts'
import { checkedPayloads } from '../support/checked-objects.ts'
import { type ByteSink, type SinkWriter, sinkWriter } from './sinks.ts'

/**
 * Writes frames to a node Writable, a web WritableStream, a ByteStream or anything with `write(bytes)`, no faster
 * than it takes them.
 */
export class FrameWriter {
  readonly #encoder: FrameEncoder
  readonly #sink: SinkWriter
  #tail: Promise<void> = Promise.resolve()

  /** @throws FramingError `INVALID_OPTION` */
  constructor(sink: ByteSink, options: FrameCodecOptions = {}) {
    this.#encoder = new FrameEncoder(options)
    this.#sink = sinkWriter(sink)
  }

  /** The limit in payload bytes; a change holds from the next payload on. */
  get frameBytesMax(): number {
    return this.#encoder.frameBytesMax
  }

  set frameBytesMax(value: number) {
    this.#encoder.frameBytesMax = value
  }

  /**
   * Writes one frame and settles when the sink has room for the next. Calls that do not wait keep their order.
   * The payload is not copied: leave its bytes alone until this settles, and on a node or web stream until they
   * were really written.
   *
   * @throws FramingError `FRAME_TOO_LONG` (nothing was written, and the writer can go on), `INVALID_ARGUMENT` (the same), `CLOSED`, `WRITE_ZERO`
   */
  write(payload: Payload): Promise<void> {
    try {
      // Sinks of others go by what a view says of itself.
      const parts = this.#encoder.encode(payload).map((part) => plainForStreams(part) ?? part)
      return this.#inOrder(() => this.#sink.write(parts))
    } catch (error) {
      return Promise.reject(error)
    }
  }

  /** Ends the sink after what was written. */
  end(): Promise<void> {
    return this.#inOrder(() => this.#sink.end())
  }

  /** Lets go of the sink without ending it: a web stream can be locked by somebody else again. */
  release(): void {
    this.#sink.release()
  }

  #inOrder(step: () => Promise<void>): Promise<void> {
    const result = this.#tail.then(step)
    // A failure goes to the caller of that step; the steps behind it find out by themselves.
    this.#tail = result.catch(() => undefined)
    return result
  }
}

/**
 * Writes every payload as a frame, each when there is room for it, then ends the sink.
 *
 * @throws FramingError `INVALID_ARGUMENT`, `INVALID_OPTION`; what {@link FrameWriter.write} throws; what `payloads` throws, and then the sink is not ended
 */
export async function writeFrames(
  sink: ByteSink,
  payloads: AsyncIterable<Payload> | Iterable<Payload>,
  options: FrameCodecOptions = {},
): Promise<void> {
  const list = checkedPayloads(payloads)
  const writer = new FrameWriter(sink, options)
  try {
    for await (const payload of list) await writer.write(payload)
    await writer.end()
  } catch (error) {
    writer.release()
    throw error
  }
}
