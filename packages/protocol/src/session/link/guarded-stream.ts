import type { ByteStream, ByteStreamSink, SendVerdict } from '@frameport/framing'
import { onLateFailure } from '../late-failure.ts'

/**
 * A stream whose owner can rely on it, whoever wrote it:
 *
 * - It tells its sink nothing before `start` has returned: what comes from inside waits for a microtask, in order. One
 *   that is gone already would else end the session before anybody holds it.
 * - No method but `start` throws. What one throws, or rejects with, breaks the stream: `broken` is told once, from a
 *   microtask, and everything that is sent from then on is lost, as on a stream that was closed.
 */
export class GuardedStream implements ByteStream {
  readonly #stream: ByteStream
  readonly #onBroken: (error: unknown) => void
  #broken = false

  constructor(stream: ByteStream, onBroken: (error: unknown) => void) {
    this.#stream = stream
    this.#onBroken = onBroken
  }

  get queuedBytes(): number {
    return this.#safely(() => this.#stream.queuedBytes, 0)
  }

  /** @throws what the stream throws: it has no owner then */
  start(sink: ByteStreamSink): void {
    let early: (() => void)[] | undefined = []
    /** True for what was put off. */
    const late = (tell: () => void) => early !== undefined && early.push(tell) > 0
    const started: unknown = this.#stream.start({
      data(chunk) {
        if (early === undefined) sink.data(chunk)
        else {
          // The bytes are lent for the time of this call only.
          const kept = ArrayBuffer.isView(chunk) ? chunk.slice() : chunk
          late(() => sink.data(kept))
        }
      },
      end: () => void (late(() => sink.end()) || sink.end()),
      drain: () => void (late(() => sink.drain()) || sink.drain()),
      close: (error) => void (late(() => sink.close(error)) || sink.close(error)),
    })
    const flush = () => {
      // Those that are told may make the stream tell more.
      for (let tell = early?.shift(); tell !== undefined; tell = early?.shift()) tell()
      early = undefined
    }
    if (early.length === 0) early = undefined
    else queueMicrotask(flush)
    onLateFailure(started, (error) => this.#break(error))
  }

  send(bytes: Uint8Array | readonly Uint8Array[]): SendVerdict {
    if (this.#broken) return 'closed'
    return this.#safely(() => this.#stream.send(bytes), 'closed')
  }

  drained(): Promise<void> {
    return this.#safely(() => this.#stream.drained(), Promise.resolve()).catch((error: unknown) =>
      this.#break(error),
    )
  }

  pause(): void {
    this.#told(() => this.#stream.pause())
  }

  resume(): void {
    this.#told(() => this.#stream.resume())
  }

  end(): void {
    this.#told(() => this.#stream.end())
  }

  abort(error?: Error): void {
    this.#told(() => this.#stream.abort(error))
  }

  #told(tell: () => unknown): void {
    onLateFailure(this.#safely(tell, undefined), (error) => this.#break(error))
  }

  #safely<Result>(ask: () => Result, otherwise: Result): Result {
    try {
      return ask()
    } catch (error) {
      this.#break(error)
      return otherwise
    }
  }

  #break(error: unknown): void {
    if (this.#broken) return
    this.#broken = true
    queueMicrotask(() => this.#onBroken(error))
  }
}
