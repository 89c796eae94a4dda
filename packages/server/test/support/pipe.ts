import type { FrameChannel, FrameSink, Payload, SendVerdict } from '@frameport/framing'

/** Two ends of a connection that preserves the boundaries of messages. A message arrives in a microtask. */
export function pipe(): readonly [PipeEnd, PipeEnd] {
  const ends = [new PipeEnd(), new PipeEnd()] as const
  ends[0].other = ends[1]
  ends[1].other = ends[0]
  return ends
}

export class PipeEnd implements FrameChannel {
  other!: PipeEnd
  readonly frameOverheadBytes = 0
  readonly queuedBytes = 0
  receiveBytesMax = Number.MAX_SAFE_INTEGER
  sendBytesMax = Number.MAX_SAFE_INTEGER
  /** The peer does not read: messages still arrive, but `send` returns 'full'. */
  isFull = false
  #sink: FrameSink | undefined
  readonly #waiters: (() => void)[] = []
  #hasEnded = false
  #isGone = false

  start(sink: FrameSink): void {
    this.#sink = sink
  }

  send(payload: Payload): SendVerdict {
    if (this.#isGone || this.#hasEnded) return 'closed'
    const parts = payload instanceof Uint8Array ? [payload] : payload
    const bytes = Uint8Array.from(parts.flatMap((part) => [...part]))
    this.#later((sink) => sink.frame(bytes))
    return this.isFull ? 'full' : 'sent'
  }

  drained(): Promise<void> {
    return this.isFull ? new Promise((resolve) => this.#waiters.push(resolve)) : Promise.resolve()
  }

  /** The peer has read everything. */
  makeRoom(): void {
    this.isFull = false
    for (const resolve of this.#waiters.splice(0)) resolve()
  }

  pause(): void {}

  resume(): void {}

  end(): void {
    if (this.#hasEnded) return
    this.#hasEnded = true
    this.#later((sink) => sink.end?.())
    if (!this.other.#hasEnded) return
    queueMicrotask(() => this.#close())
    queueMicrotask(() => this.other.#close())
  }

  abort(error?: Error): void {
    queueMicrotask(() => this.#close(error))
    queueMicrotask(() => this.other.#close())
  }

  /** Closes this end without informing the other one, which still looks alive. */
  vanish(): void {
    queueMicrotask(() => this.#close())
  }

  #later(deliver: (sink: FrameSink) => void): void {
    queueMicrotask(() => {
      const { other } = this
      if (!other.#isGone && other.#sink !== undefined) deliver(other.#sink)
    })
  }

  #close(error?: Error): void {
    if (this.#isGone) return
    this.#isGone = true
    this.#sink?.close?.(error)
  }
}
