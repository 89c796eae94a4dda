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

/** Options of {@link webSocketChannel}. */
export interface WebSocketChannelOptions {
  /** The queue of the WebSocket above which `send` returns `full`, in bytes. Default 262,144 (256 KiB), `webSocketHighBytes` of {@link framingLimits}. */
  readonly sendQueueHighBytes?: number | undefined
  /**
   * The queue at which `drain` follows, in bytes. Default 65,536 (64 KiB), `webSocketLowBytes` of {@link framingLimits}, or `sendQueueHighBytes` if
   * that is less.
   */
  readonly sendQueueLowBytes?: number | undefined
  /**
   * The connection below the WebSocket, after its handshake, if you have it: a server with the package `ws` does. The channel then counts the bytes of
   * incomplete messages, as over a byte stream, and refuses a message over `receiveBytesMax` before it is complete. Make the channel before the first
   * bytes are read, and after `ws` has added its listeners.
   */
  readonly connection?: ConnectionLike | undefined
}

/** The memory that an incomplete message may use in addition to 1.5 times its limit: each of its chunks has a cost. */
const unfinishedSlackBytes = 64 * 1024

/** RFC 6455, section 7.4.1. */
const normalClosure = 1000

/** `ending`: this side has started the closing handshake and waits for the peer. */
type Phase = 'open' | 'ending' | 'closed'

/** A message, or the close of the peer, in the order of arrival. */
type Arrived = Uint8Array | 'closed'

/**
 * Makes a frame channel from an open WebSocket of the platform or of the package `ws`. One binary message is one frame, without a length prefix.
 *
 * The WebSocket of a browser has no back-pressure. It does not stop reading: while the channel is paused, messages are held in memory, bounded only by the
 * credit of the session above. It has no event for a queue that has fallen: the channel checks the queue every 10 ms while it is above its mark. With `ws`,
 * pausing stops the reading, and each written message triggers a check.
 *
 * A WebSocket cannot be half-closed (RFC 6455, section 1.4): after its own `end`, a side receives nothing more.
 *
 * @example
 * const socket = new WebSocket('wss://chat.example.com', 'frameport.1')
 * socket.addEventListener('open', () => {
 *   const channel = webSocketChannel(socket)
 *   channel.start({ frame: (payload) => channel.send(payload) })
 * })
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
  /** Undefined if the connection below is not known. */
  readonly #unfinished: UnfinishedMessage | undefined
  #heldBytes = 0
  #sink: FrameSink | undefined
  #phase: Phase = 'open'
  #isPaused = false
  #isDelivering = false
  /** An invalid message arrived: nothing is delivered after it. */
  #isDeaf = false
  #owesDrain = false
  #waiting: (() => void)[] = []
  /** The reason why the channel breaks, or has broken. */
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
    // A Blob can only be read asynchronously.
    if (socket.binaryType === 'blob') socket.binaryType = 'arraybuffer'
    socket.addEventListener('message', (event) => this.#message(event))
    socket.addEventListener('close', (event) => this.#closedByPeer(event))
    // A close event with the reason follows. `ws` gives more details here, and throws if there is no listener.
    socket.addEventListener('error', (event) => {
      const { error } = event as { readonly error?: Error & { readonly code?: unknown } }
      if (error instanceof Error) this.#reason ??= explained(error)
    })
    if (options.connection !== undefined) {
      const unfinished = new UnfinishedMessage()
      this.#unfinished = unfinished
      this.#hear(options.connection, unfinished)
    }
    // Its close event has already happened.
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

  /** One listener before that of `ws`, so that `received` precedes the frames, and one after it, which applies the limit that then holds. */
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
      // Otherwise the rest of the message would be kept too.
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

  /** No callback runs inside a call of the owner. */
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

  /** @param error the reason, if the channel broke */
  #close(error: Error | undefined): void {
    this.#phase = 'closed'
    this.#watch.stop()
    // `ws` still calls back for each message that it could not send.
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
