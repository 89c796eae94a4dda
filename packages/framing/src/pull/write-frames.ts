import { FrameEncoder, type Payload } from '../codec/encoder.ts'
import type { FrameCodecOptions } from '../codec/frame-format.ts'
import { plainForStreams } from '../support/bytes.ts'
import { checkedPayloads } from '../support/checked-objects.ts'
import { type ByteSink, type SinkWriter, sinkWriter } from './sinks.ts'

/**
 * Writes frames to a Node.js `Writable`, a web `WritableStream`, a {@link ByteStream} or any object with `write(bytes)`, no faster than the sink
 * accepts them.
 *
 * @example
 * const writer = new FrameWriter(socket)
 * await writer.write(new TextEncoder().encode('hello'))
 * await writer.end()
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

  /** The longest payload that `write` accepts, in bytes. A change applies from the next payload on. */
  get frameBytesMax(): number {
    return this.#encoder.frameBytesMax
  }

  set frameBytesMax(value: number) {
    this.#encoder.frameBytesMax = value
  }

  /**
   * Writes one frame and resolves when the sink has room for the next. Calls that are not awaited keep their order. The payload is not
   * copied: do not change its bytes until the promise resolves, and with a Node.js or web stream not until the stream has written them.
   *
   * Rejects with a FramingError: `FRAME_TOO_LONG` or `INVALID_ARGUMENT` (nothing was written, and the writer stays usable), `CLOSED`,
   * `WRITE_ZERO`; or with the error of a sink with `write(bytes)`.
   */
  write(payload: Payload): Promise<void> {
    try {
      // Foreign sinks read the properties of a view, which may be wrong.
      const parts = this.#encoder.encode(payload).map((part) => plainForStreams(part) ?? part)
      return this.#inOrder(() => this.#sink.write(parts))
    } catch (error) {
      return Promise.reject(error)
    }
  }

  /** Ends the sink once everything is written. Rejects with a FramingError `CLOSED` if a Node.js or web stream has failed. */
  end(): Promise<void> {
    return this.#inOrder(() => this.#sink.end())
  }

  /** Releases the sink without ending it: it removes the listeners, and unlocks a web stream for other code. */
  release(): void {
    this.#sink.release()
  }

  #inOrder(step: () => Promise<void>): Promise<void> {
    const result = this.#tail.then(step)
    // A failure goes to the caller of that step. Later steps fail by themselves.
    this.#tail = result.catch(() => undefined)
    return result
  }
}

/**
 * Writes every payload as a frame, each when there is room for it, and then ends the sink. After an error the sink is released and not ended.
 *
 * @example
 * await writeFrames(socket, [new TextEncoder().encode('one'), new TextEncoder().encode('two')])
 *
 * @throws FramingError `INVALID_ARGUMENT`, `INVALID_OPTION`, and those of {@link FrameWriter.write}; errors of `payloads`
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
