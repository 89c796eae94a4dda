import type { FrameChannel, FrameSink, FramingError } from '@frameport/framing'
import type { SessionEnvironment } from '@frameport/protocol/session'
import { errorFactsOf, errorOf } from '../carried-errors.ts'
import { type FramePort, type PortMessage, windowBytes } from './frame-port.ts'

/** The minimum time between two reports of a partial frame, in milliseconds. */
const partEveryMs = 100

/** The connection is not read while more bytes of frames than this have not been taken by the owner. */
const highBytes = 4 * windowBytes

/** Passes frames between a connection and the worker that owns its session. */
export class Relay implements FrameSink {
  readonly #inner: FrameChannel
  readonly #environment: SessionEnvironment
  readonly #port: FramePort
  readonly #ended: () => void
  /** The bytes of frames from the owner that wait for room in the connection. */
  #untakenBytes = 0
  #isFull = false
  #isPaused = false
  #partToldAtMs = Number.NEGATIVE_INFINITY
  #isOver = false

  constructor(inner: FrameChannel, port: FramePort, environment: SessionEnvironment, ended: () => void) {
    this.#inner = inner
    this.#port = port
    this.#environment = environment
    this.#ended = ended
  }

  frame(payload: Uint8Array): void {
    if (this.#isOver) return
    this.#partToldAtMs = Number.NEGATIVE_INFINITY
    this.#port.send(Uint8Array.from(payload))
    if (this.#port.untakenBytes <= highBytes || this.#isPaused) return
    this.#isPaused = true
    this.#inner.pause()
  }

  /** Shows the owner that the peer is alive, and how long a frame has been arriving. */
  received(): void {
    const nowMs = this.#environment.nowMs()
    if (this.#isOver || nowMs - this.#partToldAtMs < partEveryMs) return
    this.#partToldAtMs = nowMs
    // After the frames that these bytes have completed.
    queueMicrotask(() => {
      const heldBytes = this.#inner.heldBytes ?? 0
      if (!this.#isOver && heldBytes > 0) this.#port.post({ kind: 'part', heldBytes })
    })
  }

  invalid(error: FramingError): void {
    this.#port.post({ kind: 'invalid', error: errorFactsOf(error) })
  }

  end(): void {
    this.#port.post({ kind: 'end' })
  }

  drain(): void {
    if (!this.#isFull) return
    this.#isFull = false
    const bytes = this.#untakenBytes
    this.#untakenBytes = 0
    this.#port.take(bytes)
  }

  close(error?: Error): void {
    this.#port.post({ kind: 'gone', error: error && errorFactsOf(error) })
    this.#over()
  }

  /** Called when the owner has taken frames. */
  taken(): void {
    if (!this.#isPaused || this.#port.untakenBytes > windowBytes) return
    this.#isPaused = false
    this.#inner.resume()
  }

  message(message: PortMessage): void {
    if (this.#isOver) return
    switch (message.kind) {
      case 'frames':
        for (const frame of message.frames) this.#send(frame)
        return
      case 'limits':
        this.#inner.receiveBytesMax = message.receiveBytesMax
        this.#inner.sendBytesMax = message.sendBytesMax
        return
      case 'end':
        this.#inner.end()
        return
      case 'gone':
        this.#inner.abort(message.error && errorOf(message.error))
        return
      default:
        return
    }
  }

  /** Ends the connection; the client comes back through another one. */
  cut(why: string): void {
    if (!this.#isOver) this.#inner.abort(new Error(why))
  }

  #send(frame: Uint8Array): void {
    this.#isFull = this.#inner.send(frame) === 'full' || this.#isFull
    if (this.#isFull) this.#untakenBytes += frame.length
    else this.#port.take(frame.length)
  }

  #over(): void {
    this.#isOver = true
    this.#port.close()
    this.#ended()
  }
}
