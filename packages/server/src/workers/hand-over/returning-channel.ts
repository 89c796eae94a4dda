import type { FrameChannel, FrameSink, FramingError, Payload, SendVerdict } from '@frameport/framing'

/** Inspects the first frame of a connection. */
export interface FirstFrameReader {
  /**
   * @param frame lent
   * @returns a promise that settles with true if another worker has taken the connection; undefined if it stays here
   */
  first(frame: Uint8Array, channel: ReturningChannel): Promise<boolean> | undefined
}

/**
 * An accepted connection whose session may belong to another worker. Its server has it from the start, so that all
 * limits apply; the first frame waits here until its owner is known. If another worker takes the connection, the server
 * sees it as closed.
 */
export class ReturningChannel implements FrameChannel {
  readonly #inner: FrameChannel
  readonly #reader: FirstFrameReader
  #sink: FrameSink | undefined
  /**
   * `asking`: the first frame waits. `own`: all frames go to the sink. `given`: the connection belongs to another
   * worker.
   */
  #phase: 'first' | 'asking' | 'own' | 'given' = 'first'
  #isPaused = false
  #isClosed = false
  /** Receives the frames of a connection that belongs to another worker. */
  #taker: FrameSink | undefined

  constructor(inner: FrameChannel, reader: FirstFrameReader) {
    this.#inner = inner
    this.#reader = reader
  }

  /** The wrapped channel, for the code that takes the connection from the server. */
  get inner(): FrameChannel {
    return this.#inner
  }

  get queuedBytes(): number {
    return this.#inner.queuedBytes
  }

  get heldBytes(): number {
    return this.#inner.heldBytes ?? 0
  }

  get heldMemoryBytes(): number {
    return this.#inner.heldMemoryBytes ?? 0
  }

  get frameOverheadBytes(): number {
    return this.#inner.frameOverheadBytes
  }

  get receiveBytesMax(): number {
    return this.#inner.receiveBytesMax
  }

  set receiveBytesMax(bytes: number) {
    if (this.#phase !== 'given') this.#inner.receiveBytesMax = bytes
  }

  get sendBytesMax(): number {
    return this.#inner.sendBytesMax
  }

  set sendBytesMax(bytes: number) {
    if (this.#phase !== 'given') this.#inner.sendBytesMax = bytes
  }

  start(sink: FrameSink): void {
    this.#sink = sink
    this.#inner.start(new ReturningSink(this))
  }

  send(payload: Payload): SendVerdict {
    return this.#phase === 'given' ? 'closed' : this.#inner.send(payload)
  }

  drained(): Promise<void> {
    return this.#phase === 'given' ? Promise.resolve() : this.#inner.drained()
  }

  pause(): void {
    this.#isPaused = true
    if (this.#phase !== 'given') this.#inner.pause()
  }

  resume(): void {
    this.#isPaused = false
    if (this.#phase === 'first' || this.#phase === 'own') this.#inner.resume()
  }

  end(): void {
    if (this.#phase !== 'given') this.#inner.end()
  }

  abort(error?: Error): void {
    if (this.#phase !== 'given') this.#inner.abort(error)
  }

  /**
   * Delivers to `taker` from now on; for its server the connection is lost.
   *
   * @returns false if the connection is gone
   */
  giveTo(taker: FrameSink): boolean {
    if (this.#isClosed) return false
    this.#phase = 'given'
    this.#taker = taker
    this.#sink?.close?.(new Error('another worker took over the connection, because it owns the session'))
    this.#sink = undefined
    this.#inner.resume()
    return true
  }

  /** The current receiver of what arrives. */
  get to(): FrameSink | undefined {
    return this.#phase === 'given' ? this.#taker : this.#sink
  }

  arrived(payload: Uint8Array): void {
    if (this.#phase === 'own') {
      this.#sink?.frame(payload)
      return
    }
    if (this.#phase === 'given') {
      this.#taker?.frame(payload)
      return
    }
    const asked = this.#reader.first(payload, this)
    if (asked === undefined) {
      this.#phase = 'own'
      this.#sink?.frame(payload)
      return
    }
    this.#phase = 'asking'
    this.#inner.pause()
    const frame = Uint8Array.from(payload)
    void asked.then((isTaken) => {
      if (!isTaken) this.#stays(frame)
    })
  }

  closed(error?: Error): void {
    this.#isClosed = true
    this.to?.close?.(error)
  }

  #stays(frame: Uint8Array): void {
    if (this.#isClosed) return
    this.#phase = 'own'
    this.#sink?.frame(frame)
    if (!this.#isPaused) this.#inner.resume()
  }
}

/** One small object for each connection instead of six functions. */
class ReturningSink implements FrameSink {
  readonly #channel: ReturningChannel

  constructor(channel: ReturningChannel) {
    this.#channel = channel
  }

  frame(payload: Uint8Array): void {
    this.#channel.arrived(payload)
  }

  received(): void {
    this.#channel.to?.received?.()
  }

  invalid(error: FramingError): void {
    const { to } = this.#channel
    if (to?.invalid === undefined) this.#channel.inner.abort(error)
    else to.invalid(error)
  }

  end(): void {
    this.#channel.to?.end?.()
  }

  drain(): void {
    this.#channel.to?.drain?.()
  }

  close(error?: Error): void {
    this.#channel.closed(error)
  }
}
