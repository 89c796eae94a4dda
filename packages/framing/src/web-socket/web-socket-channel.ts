import type { SendVerdict } from '../channel/byte-stream.ts'
import { checkedFrameSink, type FrameChannel, type FrameSink } from '../channel/frame-channel.ts'
import type { Payload } from '../codec/encoder.ts'
import { FramingError } from '../framing-error.ts'
import { framingLimits } from '../limits.ts'
import { Fifo } from '../support/fifo.ts'
import { inMicrotask } from '../support/in-microtask.ts'
import { BufferedWatch } from './buffered-watch.ts'
import { bytesOf, copyOf, explained } from './messages.ts'
import { UnfinishedMessage } from './unfinished-message.ts'
import type { CloseLike, ConnectionLike, MessageLike, WebSocketLike } from './web-socket-like.ts'

export interface WebSocketChannelOptions {
  /** A send over this much in the queue of the WebSocket is `full`. Default {@link framingLimits} `webSocketHighBytes`, 256 KiB. */
  readonly sendQueueHighBytes?: number | undefined
  /** `drain` comes when the queue has fallen to this. Default {@link framingLimits} `webSocketLowBytes`, 64 KiB. */
  readonly sendQueueLowBytes?: number | undefined
  /**
   * The connection below, behind its handshake, where it can be heard: a server with the package `ws` has it. What has come of a message that is not whole is counted then, as over
   * a byte stream, and one that will be over `receiveBytesMax` is refused before it is whole. Give it before its first bytes are read, and behind the listeners of `ws`.
   */
  readonly connection?: ConnectionLike | undefined
}

/** A message may take half as much memory again as it has bytes, and this: it comes in chunks, each of which costs something. */
const unfinishedSlackBytes = 64 * 1024

/** RFC 6455, section 7.4.1. */
const normalClosure = 1000

/** `ending`: this side has closed, and waits for the peer to do so. */
type Phase = 'open' | 'ending' | 'closed'

/** What came, in its order: a message, or that the peer has closed. */
type Arrived = Uint8Array | 'closed'

/**
 * A channel of frames over a WebSocket that is open, of the platform or of the package `ws`: one binary message is one frame, without the
 * length in front.
 *
 * A WebSocket of a browser knows no back-pressure. What it reads cannot be stopped: while the channel is paused, messages are held here, and what bounds
 * them is the credit of the session above. What it has to send is looked at from time to time while it is over its mark. `ws` can do both.
 *
 * There is no half-closed WebSocket (RFC 6455, section 1.4): behind its `end` a side gets nothing any more.
 */
export function webSocketChannel(socket: WebSocketLike, options: WebSocketChannelOptions = {}): FrameChannel {
  return new WebSocketChannel(socket, options)
}

class WebSocketChannel implements FrameChannel {
  readonly frameOverheadBytes = 0
  receiveBytesMax: number = framingLimits.frameBytesMax
  sendBytesMax: number = framingLimits.frameBytesMax
  readonly #socket: WebSocketLike
  readonly #highBytes: number
  readonly #watch: BufferedWatch
  readonly #held = new Fifo<Arrived>()
  /** Absent where the connection below is not known. */
  readonly #unfinished: UnfinishedMessage | undefined
  #heldBytes = 0
  #sink: FrameSink | undefined
  #phase: Phase = 'open'
  #isPaused = false
  #isDelivering = false
  /** Something came that is no frame: nothing is delivered any more. */
  #isDeaf = false
  #owesDrain = false
  #waiting: (() => void)[] = []
  /** Why it breaks, or has broken. */
  #reason: Error | undefined

  constructor(socket: WebSocketLike, options: WebSocketChannelOptions) {
    const { sendQueueHighBytes = framingLimits.webSocketHighBytes } = options
    const { sendQueueLowBytes = Math.min(framingLimits.webSocketLowBytes, sendQueueHighBytes) } = options
    this.#socket = socket
    this.#highBytes = sendQueueHighBytes
    this.#watch = new BufferedWatch(
      () => socket.bufferedAmount,
      sendQueueLowBytes,
      () => this.#fell(),
    )
    // A Blob could only be read later.
    if (socket.binaryType === 'blob') socket.binaryType = 'arraybuffer'
    socket.addEventListener('message', (event) => this.#message(event))
    socket.addEventListener('close', (event) => this.#closedByPeer(event))
    // What is wrong comes with the close that follows. `ws` says more here, and throws where nobody listens.
    socket.addEventListener('error', (event) => {
      const { error } = event as { readonly error?: Error & { readonly code?: unknown } }
      if (error instanceof Error) this.#reason ??= explained(error)
    })
    if (options.connection !== undefined) {
      const unfinished = new UnfinishedMessage()
      this.#unfinished = unfinished
      this.#hear(options.connection, unfinished)
    }
    // Its event has been, and nobody would tell.
    if (socket.readyState === 3)
      this.#close(new Error('The WebSocket was already closed when its channel was made.'))
  }

  get queuedBytes(): number {
    return this.#phase === 'closed' ? 0 : this.#socket.bufferedAmount
  }

  get heldBytes(): number {
    return this.#heldBytes + (this.#phase === 'closed' ? 0 : (this.#unfinished?.bytes ?? 0))
  }

  get heldMemoryBytes(): number {
    return this.#heldBytes + (this.#phase === 'closed' ? 0 : (this.#unfinished?.memoryBytes ?? 0))
  }

  start(sink: FrameSink): void {
    if (this.#sink !== undefined)
      throw new FramingError('ALREADY_STARTED', 'This channel already has a sink: call start() once.')
    this.#sink = checkedFrameSink(sink)
    if (this.#phase === 'closed') this.#tellClosedSoon()
    else this.#deliverSoon()
  }

  send(payload: Payload): SendVerdict {
    const message = copyOf(payload)
    if (message.length > this.sendBytesMax)
      throw new FramingError(
        'FRAME_TOO_LONG',
        `A payload of ${message.length} bytes exceeds the limit of ${this.sendBytesMax}.`,
        { announcedBytes: message.length, frameBytesMax: this.sendBytesMax },
      )
    if (this.#phase !== 'open' || this.#socket.readyState !== 1) return 'closed'
    this.#socket.send(message, () => this.#watch.look())
    const { bufferedAmount } = this.#socket
    if (bufferedAmount <= this.#highBytes) return bufferedAmount === 0 ? 'sent' : 'queued'
    this.#owesDrain = true
    this.#watch.wait()
    return 'full'
  }

  drained(): Promise<void> {
    if (this.#phase === 'closed' || this.#watch.look()) return Promise.resolve()
    this.#watch.wait()
    return new Promise((resolve) => this.#waiting.push(resolve))
  }

  pause(): void {
    if (this.#isPaused) return
    this.#isPaused = true
    this.#socket.pause?.()
  }

  resume(): void {
    if (!this.#isPaused) return
    this.#isPaused = false
    this.#socket.resume?.()
    this.#deliverSoon()
  }

  end(): void {
    if (this.#phase !== 'open') return
    this.#phase = 'ending'
    this.#socket.close(normalClosure)
  }

  abort(error?: Error): void {
    if (this.#phase === 'closed') return
    const { terminate } = this.#socket
    if (terminate !== undefined) terminate.call(this.#socket)
    else this.#socket.close()
    this.#close(error)
  }

  #message({ data }: MessageLike): void {
    if (this.#phase === 'closed' || this.#isDeaf) return
    const payload = bytesOf(data)
    if (payload === undefined) {
      this.#invalid(
        new FramingError(
          'INVALID_CHUNK',
          'The WebSocket delivered a text message. Every message must be binary.',
        ),
      )
      return
    }
    if (payload.length > this.receiveBytesMax) {
      this.#tooLong(payload.length)
      return
    }
    if (this.#unfinished === undefined) this.#sink?.received?.()
    this.#hold(payload)
    this.#deliver()
  }

  /** Both stand around the listener of `ws`: what is told comes before its frames, and is judged by the limit that holds behind them. */
  #hear(connection: ConnectionLike, unfinished: UnfinishedMessage): void {
    connection.prependListener('data', (chunk) => {
      if (this.#phase === 'closed' || this.#isDeaf) return
      this.#sink?.received?.()
      unfinished.read(chunk)
    })
    connection.on('data', () => {
      if (this.#phase === 'closed' || this.#isDeaf) return
      const { announcedBytes, memoryBytes } = unfinished
      const memoryBytesMax = this.receiveBytesMax * 1.5 + unfinishedSlackBytes
      if (announcedBytes <= this.receiveBytesMax && memoryBytes <= memoryBytesMax) return
      // The rest of it would be kept, too.
      this.#socket.pause?.()
      this.#tooLong(Math.max(announcedBytes, unfinished.bytes))
    })
  }

  #tooLong(announcedBytes: number): void {
    const { receiveBytesMax: frameBytesMax } = this
    this.#invalid(
      new FramingError(
        'FRAME_TOO_LONG',
        `The peer announced a frame of ${announcedBytes} bytes, and the limit is ${frameBytesMax}.`,
        { announcedBytes, frameBytesMax },
      ),
    )
  }

  #closedByPeer({ code, reason, wasClean }: CloseLike): void {
    if (this.#phase === 'closed') return
    const inOrder = wasClean && (code === normalClosure || this.#phase === 'ending')
    if (!inOrder) {
      this.#close(
        this.#reason ??
          new Error(`The WebSocket closed with code ${code}${reason === '' ? '' : ` (${reason})`}.`),
      )
      return
    }
    this.#held.push('closed')
    this.#deliver()
  }

  #hold(payload: Uint8Array): void {
    this.#held.push(payload)
    this.#heldBytes += payload.length
  }

  /** Nothing comes from inside a call. */
  #deliverSoon(): void {
    inMicrotask(() => this.#deliver())
  }

  #deliver(): void {
    if (this.#isDelivering) return
    this.#isDelivering = true
    try {
      while (this.#sink !== undefined && !this.#isPaused && this.#phase !== 'closed') {
        const next = this.#held.shift()
        if (next === undefined) break
        if (next === 'closed') this.#closeInOrder(this.#sink)
        else {
          this.#heldBytes -= next.length
          if (!this.#isDeaf) this.#sink.frame(next)
        }
      }
    } finally {
      this.#isDelivering = false
    }
  }

  #closeInOrder(sink: FrameSink): void {
    if (!this.#isDeaf) sink.end?.()
    this.#close(undefined)
  }

  #invalid(error: FramingError): void {
    this.#isDeaf = true
    if (this.#sink?.invalid === undefined) this.abort(error)
    else this.#sink.invalid(error)
  }

  #fell(): void {
    this.#wake()
    if (!this.#owesDrain) return
    this.#owesDrain = false
    this.#sink?.drain?.()
  }

  #wake(): void {
    const waiting = this.#waiting
    this.#waiting = []
    for (const resolve of waiting) resolve()
  }

  /** @param error why it broke */
  #close(error: Error | undefined): void {
    this.#phase = 'closed'
    this.#watch.stop()
    // `ws` still tells of each message that it could not send.
    this.#owesDrain = false
    this.#held.clear()
    this.#heldBytes = 0
    this.#wake()
    this.#reason = error
    if (this.#sink !== undefined) this.#tellClosedSoon()
  }

  #tellClosedSoon(): void {
    inMicrotask(() => this.#sink?.close?.(this.#reason))
  }
}
