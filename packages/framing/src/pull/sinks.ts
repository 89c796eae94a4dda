import { type ByteStream, isByteStream } from '../channel/byte-stream.ts'
import { FramingError } from '../framing-error.ts'
import { isObject } from '../support/checked-objects.ts'
import { describeValue } from '../support/describe-value.ts'

/** The part of a node Writable or Duplex that writing needs. */
export interface NodeWritableLike {
  write(chunk: Uint8Array): boolean
  end(): unknown
  on(event: string, listener: (...args: unknown[]) => void): unknown
  removeListener(event: string, listener: (...args: unknown[]) => void): unknown
  cork?(): void
  uncork?(): void
}

/** The part of a web WritableStream (WHATWG Streams, section 5) that writing needs. */
export interface WritableStreamLike {
  getWriter(): WritableStreamWriterLike
}

export interface WritableStreamWriterLike {
  readonly ready: Promise<unknown>
  write(chunk: Uint8Array): Promise<void>
  close(): Promise<void>
  releaseLock(): void
}

/** A sink that takes as many bytes as it likes and says how many, as a Deno.Conn or write(2) does. */
export interface PartialWriter {
  write(bytes: Uint8Array): number | Promise<number>
  close?(): unknown
}

/** Where frames can be written to. */
export type ByteSink = ByteStream | WritableStreamLike | NodeWritableLike | PartialWriter

/** One way of writing for every kind of sink. */
export interface SinkWriter {
  /** Takes all parts, in order, and settles when the sink has room for more. */
  write(parts: readonly Uint8Array[]): Promise<void>
  /** Ends the sink after what was written. */
  end(): Promise<void>
  /** Lets go of the sink without ending it. */
  release(): void
}

/** @throws FramingError `INVALID_OPTION` when it is no sink */
export function sinkWriter(sink: ByteSink): SinkWriter {
  if (isByteStream(sink)) return new ByteStreamWriter(sink)
  if (isObject(sink)) {
    if ('getWriter' in sink && typeof sink.getWriter === 'function') return new WebWriter(sink.getWriter())
    if ('write' in sink && typeof sink.write === 'function') {
      return 'on' in sink && typeof sink.on === 'function'
        ? new NodeWriter(sink)
        : new PiecewiseWriter(sink as PartialWriter)
    }
  }
  throw new FramingError(
    'INVALID_OPTION',
    `The sink is ${describeValue(sink)}: give a Node.js Writable, a web WritableStream, a ByteStream or an object with write(bytes).`,
  )
}

function closedError(cause?: unknown): FramingError {
  return new FramingError('CLOSED', 'A frame was written to a stream that has ended or was closed.', {
    cause,
  })
}

class ByteStreamWriter implements SinkWriter {
  readonly #stream: ByteStream

  constructor(stream: ByteStream) {
    this.#stream = stream
  }

  async write(parts: readonly Uint8Array[]): Promise<void> {
    const verdict = this.#stream.send(parts)
    if (verdict === 'closed') throw closedError()
    if (verdict === 'full') await this.#stream.drained()
  }

  async end(): Promise<void> {
    this.#stream.end()
  }

  release(): void {}
}

class WebWriter implements SinkWriter {
  readonly #writer: WritableStreamWriterLike

  constructor(writer: WritableStreamWriterLike) {
    this.#writer = writer
  }

  async write(parts: readonly Uint8Array[]): Promise<void> {
    // The failure of one write fails every later one and `ready`, where it is reported once.
    for (const part of parts) this.#writer.write(part).catch(() => undefined)
    await this.#writer.ready.catch((cause: unknown) => {
      throw closedError(cause)
    })
  }

  async end(): Promise<void> {
    await this.#writer.close().catch((cause: unknown) => {
      throw closedError(cause)
    })
  }

  release(): void {
    this.#writer.releaseLock()
  }
}

class NodeWriter implements SinkWriter {
  readonly #writable: NodeWritableLike
  #closed = false
  #cause: unknown
  #waiting: (() => void)[] = []

  constructor(writable: NodeWritableLike) {
    this.#writable = writable
    writable.on('drain', this.#wake)
    writable.on('error', this.#onError)
    writable.on('close', this.#onClose)
  }

  async write(parts: readonly Uint8Array[]): Promise<void> {
    if (this.#closed) throw closedError(this.#cause)
    let hasRoom = true
    this.#writable.cork?.()
    for (const part of parts) hasRoom = this.#writable.write(part)
    this.#writable.uncork?.()
    if (!hasRoom) await new Promise<void>((resolve) => this.#waiting.push(resolve))
    if (this.#closed) throw closedError(this.#cause)
  }

  async end(): Promise<void> {
    if (this.#closed) throw closedError(this.#cause)
    const finished = new Promise<void>((resolve) => {
      this.#waiting.push(resolve)
      this.#writable.on('finish', () => resolve())
    })
    this.#writable.end()
    await finished
    if (this.#cause !== undefined) throw closedError(this.#cause)
  }

  release(): void {
    this.#writable.removeListener('drain', this.#wake)
    this.#writable.removeListener('close', this.#onClose)
    this.#writable.removeListener('error', this.#onError)
  }

  #wake = (): void => {
    const waiting = this.#waiting
    this.#waiting = []
    for (const resolve of waiting) resolve()
  }

  #onError = (error: unknown): void => {
    this.#cause = error
    this.#onClose()
  }

  #onClose = (): void => {
    this.#closed = true
    this.#wake()
  }
}

class PiecewiseWriter implements SinkWriter {
  readonly #writer: PartialWriter
  #broken: { readonly cause: unknown } | undefined

  constructor(writer: PartialWriter) {
    this.#writer = writer
  }

  async write(parts: readonly Uint8Array[]): Promise<void> {
    if (this.#broken !== undefined) throw closedError(this.#broken.cause)
    try {
      for (const part of parts) await this.#writeWhole(part)
    } catch (cause) {
      // Half a frame may be out: anything behind it would be read as the rest of it.
      this.#broken = { cause }
      throw cause
    }
  }

  async end(): Promise<void> {
    await this.#writer.close?.()
  }

  release(): void {}

  async #writeWhole(part: Uint8Array): Promise<void> {
    let at = 0
    while (at < part.length) {
      const taken = await this.#writer.write(at === 0 ? part : part.subarray(at))
      if (!(taken > 0 && taken <= part.length - at)) {
        throw new FramingError(
          'WRITE_ZERO',
          `The sink's write() returned ${taken} for ${part.length - at} bytes, so the frame cannot be completed: close the sink.`,
        )
      }
      at += taken
    }
  }
}
