import type { ByteStream, ByteStreamSink, SendVerdict } from '@frameport/framing'
import type { MemoryStream } from '@frameport/testing'

/** One end of a pair, which records how its session uses it. */
export class WatchedStream implements ByteStream {
  isPaused = false
  /** The maximum that was queued after a send. */
  queuedBytesPeak = 0
  readonly #stream: MemoryStream

  constructor(stream: MemoryStream) {
    this.#stream = stream
  }

  get queuedBytes(): number {
    return this.#stream.queuedBytes
  }

  start(sink: ByteStreamSink): void {
    this.#stream.start(sink)
  }

  send(bytes: Uint8Array | readonly Uint8Array[]): SendVerdict {
    const verdict = this.#stream.send(bytes)
    this.queuedBytesPeak = Math.max(this.queuedBytesPeak, this.queuedBytes)
    return verdict
  }

  drained(): Promise<void> {
    return this.#stream.drained()
  }

  pause(): void {
    this.isPaused = true
    this.#stream.pause()
  }

  resume(): void {
    this.isPaused = false
    this.#stream.resume()
  }

  end(): void {
    this.#stream.end()
  }

  abort(error?: Error): void {
    this.#stream.abort(error)
  }
}
