import {
  type FrameChannel,
  type FrameSink,
  FramingError,
  type Payload,
  type SendVerdict,
} from '@frameport/framing'
import { inMicrotask } from '@frameport/framing/checks'
import { errorFactsOf, errorOf } from '../carried-errors.ts'
import { FramePort, type PortMessage, windowBytes } from './frame-port.ts'
import type { Offer } from './offer.ts'

/** The same as for the port of a server. */
const highBytes = 131_072
const lowBytes = highBytes / 4

/** Received input that waits for the sink. */
type Arrived = Uint8Array | 'end' | { readonly gone: Error | undefined }

/** A connection that another worker accepted, for the worker that owns its session. */
export class HandedChannel implements FrameChannel {
  readonly frameOverheadBytes: number
  readonly #port: FramePort
  readonly #arrived: Arrived[]
  readonly #waiting: (() => void)[] = []
  #sink: FrameSink | undefined
  #receiveBytesMax: number
  #sendBytesMax: number
  #heldByPeer = 0
  #heldHere: number
  #isAccepted = false
  #isPaused = false
  #owesDrain = false
  /** Nothing more can be sent. */
  #hasEnded = false
  /** Both sides have ended in order, but received input must still be delivered. */
  #isEnding = false
  #isClosed = false

  constructor({ port, hello, receiveBytesMax, sendBytesMax, frameOverheadBytes }: Offer) {
    this.frameOverheadBytes = frameOverheadBytes
    this.#receiveBytesMax = receiveBytesMax
    this.#sendBytesMax = sendBytesMax
    this.#arrived = [hello]
    this.#heldHere = hello.length
    this.#port = new FramePort(port, {
      message: (message) => this.#message(message),
      taken: () => this.#taken(),
      closed: () => this.#gone(new Error('the worker that accepted the connection is gone')),
    })
  }

  get queuedBytes(): number {
    return Math.max(0, this.#port.untakenBytes - windowBytes)
  }

  get heldBytes(): number {
    return this.#heldHere + this.#heldByPeer
  }

  get receiveBytesMax(): number {
    return this.#receiveBytesMax
  }

  set receiveBytesMax(bytes: number) {
    this.#receiveBytesMax = bytes
    this.#tellLimits()
  }

  get sendBytesMax(): number {
    return this.#sendBytesMax
  }

  set sendBytesMax(bytes: number) {
    this.#sendBytesMax = bytes
    this.#tellLimits()
  }

  /** Call when a server has taken the connection. */
  accepted(): void {
    this.#isAccepted = true
    this.#port.post({ kind: 'accepted' })
  }

  /** Call when no server takes it: the worker that accepted the connection then serves it. */
  refused(): void {
    this.#isClosed = true
    this.#port.post({ kind: 'refused' })
    this.#port.close()
  }

  start(sink: FrameSink): void {
    if (this.#sink !== undefined)
      throw new FramingError('ALREADY_STARTED', 'This channel already has a sink.')
    this.#sink = sink
    queueMicrotask(() => this.#deliver())
  }

  send(payload: Payload): SendVerdict {
    if (this.#hasEnded || this.#isClosed) return 'closed'
    const frame = frameOf(payload)
    if (frame.length > this.#sendBytesMax)
      throw new FramingError(
        'FRAME_TOO_LONG',
        `A frame of ${frame.length} bytes is longer than sendBytesMax, which is ${this.#sendBytesMax}.`,
      )
    this.#port.send(frame)
    if (this.queuedBytes <= highBytes) return this.queuedBytes > 0 ? 'queued' : 'sent'
    this.#owesDrain = true
    return 'full'
  }

  drained(): Promise<void> {
    if (this.#isClosed || this.queuedBytes <= lowBytes) return Promise.resolve()
    return new Promise((resolve) => this.#waiting.push(resolve))
  }

  pause(): void {
    this.#isPaused = true
  }

  resume(): void {
    if (!this.#isPaused) return
    this.#isPaused = false
    queueMicrotask(() => this.#deliver())
  }

  end(): void {
    if (this.#hasEnded || this.#isClosed) return
    this.#hasEnded = true
    this.#port.post({ kind: 'end' })
  }

  abort(error?: Error): void {
    if (this.#isClosed) return
    // Until it is accepted, the connection belongs to the other worker.
    if (this.#isAccepted) this.#port.post({ kind: 'gone', error: error && errorFactsOf(error) })
    this.#close(error)
  }

  #tellLimits(): void {
    if (this.#isClosed) return
    const { receiveBytesMax, sendBytesMax } = this
    this.#port.post({ kind: 'limits', receiveBytesMax, sendBytesMax })
  }

  #message(message: PortMessage): void {
    if (this.#isClosed) return
    switch (message.kind) {
      case 'frames':
        this.#heldByPeer = 0
        this.#sink?.received?.()
        for (const frame of message.frames) {
          this.#heldHere += frame.length
          this.#arrived.push(frame)
        }
        break
      case 'part':
        this.#heldByPeer = message.heldBytes
        this.#sink?.received?.()
        break
      case 'invalid':
        this.#invalid(errorOf(message.error))
        break
      case 'end':
        this.#arrived.push('end')
        break
      case 'gone':
        this.#isEnding = message.error === undefined
        if (message.error === undefined) this.#arrived.push({ gone: undefined })
        else this.#close(errorOf(message.error))
        break
      default:
        break
    }
    this.#deliver()
  }

  #invalid(error: Error): void {
    const { code = 'FRAME_TOO_LONG' } = error as Error & { readonly code?: FramingError['code'] }
    const invalid = new FramingError(code, error.message)
    if (this.#sink?.invalid === undefined) this.abort(invalid)
    else this.#sink.invalid(invalid)
  }

  #deliver(): void {
    while (!this.#isPaused && !this.#isClosed && this.#arrived.length > 0 && this.#sink !== undefined) {
      const next = this.#arrived.shift() as Arrived
      if (next === 'end') this.#sink.end?.()
      else if (!(next instanceof Uint8Array)) this.#close(next.gone)
      else {
        this.#heldHere -= next.length
        this.#sink.frame(next)
        this.#port.take(next.length)
      }
    }
  }

  #taken(): void {
    if (this.#isClosed || this.queuedBytes > lowBytes) return
    for (const resolve of this.#waiting.splice(0)) resolve()
    if (!this.#owesDrain) return
    this.#owesDrain = false
    this.#sink?.drain?.()
  }

  /** The other thread sends nothing more. */
  #gone(error: Error): void {
    if (!this.#isClosed && !this.#isEnding) this.#close(error)
  }

  #close(error: Error | undefined): void {
    this.#isClosed = true
    this.#port.close()
    this.#arrived.length = 0
    for (const resolve of this.#waiting.splice(0)) resolve()
    // Deferred, because it must not run inside a call of the channel.
    inMicrotask(() => this.#sink?.close?.(error))
  }
}

/** Copies the payload, because the caller may reuse it. */
function frameOf(payload: Payload): Uint8Array<ArrayBuffer> {
  if (payload instanceof Uint8Array) return Uint8Array.from(payload)
  const frame = new Uint8Array(payload.reduce((sum, { length }) => sum + length, 0))
  let at = 0
  for (const part of payload) {
    frame.set(part, at)
    at += part.length
  }
  return frame
}
