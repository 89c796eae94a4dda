import type { FrameChannel, FrameSink, Payload, SendVerdict } from '@frameport/framing'
import type { Seen } from './model/trace.ts'
import { readEnvelope } from './model/wire.ts'

/** A channel that reports all frames to the model, and can be slow. */
export class TappedChannel implements FrameChannel {
  readonly #channel: FrameChannel
  readonly #see: (seen: Seen) => void
  #isPaused = false
  #isSlow = false
  #hasEnded = false

  constructor(channel: FrameChannel, see: (seen: Seen) => void) {
    this.#channel = channel
    this.#see = see
  }

  get queuedBytes(): number {
    return this.#channel.queuedBytes
  }

  get frameOverheadBytes(): number {
    return this.#channel.frameOverheadBytes
  }

  get receiveBytesMax(): number {
    return this.#channel.receiveBytesMax
  }

  set receiveBytesMax(bytes: number) {
    this.#channel.receiveBytesMax = bytes
  }

  get sendBytesMax(): number {
    return this.#channel.sendBytesMax
  }

  set sendBytesMax(bytes: number) {
    this.#channel.sendBytesMax = bytes
  }

  /** While it is slow, it delivers nothing, even if its owner resumes it. */
  set isSlow(isSlow: boolean) {
    this.#isSlow = isSlow
    this.#apply()
  }

  start(sink: FrameSink): void {
    this.#channel.start({
      frame: (payload) => {
        const { queuedBytes } = this.#channel
        this.#see({ what: 'received', envelope: readEnvelope(payload), queuedBytes })
        sink.frame(payload)
      },
      received: () => sink.received?.(),
      invalid: (error) => sink.invalid?.(error),
      end: () => sink.end?.(),
      drain: () => sink.drain?.(),
      close: (error) => sink.close?.(error),
    })
  }

  send(payload: Payload): SendVerdict {
    const verdict = this.#channel.send(payload)
    if (verdict !== 'closed') this.#see({ what: 'sent', envelope: readEnvelope(joined(payload)) })
    return verdict
  }

  drained(): Promise<void> {
    return this.#channel.drained()
  }

  pause(): void {
    this.#isPaused = true
    this.#apply()
  }

  resume(): void {
    this.#isPaused = false
    this.#apply()
  }

  end(): void {
    this.#ends()
    this.#channel.end()
  }

  abort(error?: Error): void {
    this.#ends()
    this.#see({ what: 'cut' })
    this.#channel.abort(error)
  }

  #ends(): void {
    if (!this.#hasEnded) this.#see({ what: 'ends' })
    this.#hasEnded = true
  }

  #apply(): void {
    if (this.#isPaused || this.#isSlow) this.#channel.pause()
    else this.#channel.resume()
  }
}

function joined(payload: Payload): Uint8Array {
  if (payload instanceof Uint8Array) return payload
  const parts = payload as readonly Uint8Array[]
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0))
  let offset = 0
  for (const part of parts) {
    bytes.set(part, offset)
    offset += part.length
  }
  return bytes
}
