import type { ByteStream, ByteStreamSink, SendVerdict } from '@frameport/framing'

/**
 * A stream that is still being connected. What is sent meanwhile waits; when the attempt fails, it closes with
 * that error. It lets a session begin, with its queue of calls and their deadlines, before there is a connection.
 */
export class ConnectingStream implements ByteStream {
  readonly #connect: (signal: AbortSignal) => Promise<ByteStream>
  readonly #attempt = new AbortController()
  #sink: ByteStreamSink | undefined
  #stream: ByteStream | undefined
  #held: Uint8Array[] = []
  #paused = false
  #gone = false

  constructor(connect: (signal: AbortSignal) => Promise<ByteStream>) {
    this.#connect = connect
  }

  get queuedBytes(): number {
    return this.#stream?.queuedBytes ?? this.#held.reduce((sum, bytes) => sum + bytes.byteLength, 0)
  }

  start(sink: ByteStreamSink): void {
    this.#sink = sink
    this.#connect(this.#attempt.signal)
      .then((stream) => this.#connected(stream))
      .catch((error: Error) => this.#close(error))
  }

  send(bytes: Uint8Array | readonly Uint8Array[]): SendVerdict {
    if (this.#stream !== undefined) return this.#stream.send(bytes)
    if (this.#gone) return 'closed'
    for (const part of bytes instanceof Uint8Array ? [bytes] : bytes) this.#held.push(part.slice())
    return 'queued'
  }

  drained(): Promise<void> {
    return this.#stream?.drained() ?? Promise.resolve()
  }

  pause(): void {
    this.#paused = true
    this.#stream?.pause()
  }

  resume(): void {
    this.#paused = false
    this.#stream?.resume()
  }

  /** With nothing connected there is nothing to end in order: the attempt is given up. */
  end(): void {
    if (this.#stream === undefined) this.abort()
    else this.#stream.end()
  }

  abort(error?: Error): void {
    if (this.#stream !== undefined) {
      this.#stream.abort(error)
      return
    }
    if (this.#gone) return
    this.#gone = true
    this.#held = []
    this.#attempt.abort(error)
    queueMicrotask(() => this.#sink?.close(error))
  }

  #connected(stream: ByteStream): void {
    if (this.#gone) {
      stream.abort()
      return
    }
    // What is no stream, or has an owner already, fails here: the session hears of it as of a failed attempt.
    stream.start(this.#sink as ByteStreamSink)
    this.#stream = stream
    const held = this.#held
    this.#held = []
    if (this.#paused) stream.pause()
    if (held.length > 0) stream.send(held)
  }

  #close(error: Error): void {
    if (this.#gone) return
    this.#gone = true
    this.#held = []
    this.#sink?.close(error)
  }
}
