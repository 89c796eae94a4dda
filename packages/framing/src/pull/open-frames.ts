import { attachFrames } from '../channel/attach-frames.ts'
import type { ByteStream, SendVerdict } from '../channel/byte-stream.ts'
import type { FrameChannel } from '../channel/frame-channel.ts'
import type { Payload } from '../codec/encoder.ts'
import { checkedOptions, checkOptionNames, type FrameCodecOptions, optionOf } from '../codec/frame-format.ts'
import { FramingError } from '../framing-error.ts'
import { framingLimits } from '../limits.ts'
import { describeValue } from '../support/describe-value.ts'
import { Fifo } from '../support/fifo.ts'
import { HeldPayloads } from './held-payloads.ts'

/** Options of {@link openFrames} and of `readFrames` over a byte stream. */
export interface FrameDuplexOptions extends FrameCodecOptions {
  /**
   * The number of bytes held for a busy reader before the stream is paused: a positive integer. Each held frame also counts 512 bytes. One frame
   * may exceed the limit. Default 262,144 (256 KiB).
   */
  readonly readAheadBytes?: number
}

/** Reads and writes frames over one byte stream: `send` to write, `for await` to read. {@link openFrames} makes one. */
export interface FrameDuplex extends AsyncIterable<Uint8Array> {
  /** The number of bytes that `send` accepted and the kernel has not taken yet. */
  readonly queuedBytes: number
  /**
   * Sends one frame. The payload is copied or sent before this returns.
   *
   * @throws FramingError `FRAME_TOO_LONG`, `INVALID_ARGUMENT`: nothing was sent, and the stream stays usable
   */
  send(payload: Payload): SendVerdict
  /** Resolves when there is room again after `send` returned `full`, or when the stream is closed. Never rejects. */
  drained(): Promise<void>
  /** Ends the sending side once the queue is sent. Reading continues until the peer ends. */
  end(): void
  /** Closes both sides at once. A waiting reader gets `error`, or the end if there is none. */
  abort(error?: Error): void
  /** Resolves when the stream is closed, with the error if it broke. Never rejects. */
  readonly closed: Promise<Error | undefined>
  /**
   * Yields the frames, as copies that the reader may keep, until the peer ends. If the stream breaks, the iterator yields the complete frames and
   * then throws the reason. Leaving a `for await` early aborts the stream. To read some frames and continue later, call `next()` of one iterator.
   *
   * Frames of 65 bytes to 4 KiB that arrived together may be views on one shared buffer of at most 16 KiB. Copy such a frame (`frame.slice()`) before
   * you transfer its buffer, because the transfer would take the bytes of its neighbours too. Unread frames are never in that buffer.
   *
   * @throws FramingError `ALREADY_READING` for a second reader
   */
  [Symbol.asyncIterator](): AsyncIterator<Uint8Array, undefined>
}

/**
 * Starts `stream` and returns a duplex of frames with bounded read-ahead: a slow reader pauses the stream, and then the peer has to
 * wait.
 *
 * @example
 * const frames = openFrames(stream)
 * frames.send(new TextEncoder().encode('hello'))
 * for await (const frame of frames) console.log(frame.length)
 *
 * @throws FramingError `INVALID_OPTION`, `INVALID_ARGUMENT`; errors of `stream.start`
 */
export function openFrames(stream: ByteStream, options: FrameDuplexOptions = {}): FrameDuplex {
  return new HeldFrames(stream, options)
}

interface Waiter {
  resolve(result: IteratorResult<Uint8Array, undefined>): void
  reject(error: Error): void
}

class HeldFrames implements FrameDuplex {
  readonly closed: Promise<Error | undefined>
  readonly #channel: FrameChannel
  readonly #readAheadBytes: number
  readonly #held = new HeldPayloads()
  #heldBytes = 0
  readonly #waiters = new Fifo<Waiter>()
  #reading = false
  /** No more frames will arrive; the reader then gets `#error`. */
  #over = false
  #error: Error | undefined

  constructor(stream: ByteStream, options: FrameDuplexOptions) {
    this.#readAheadBytes = checkedReadAhead(optionOf(options, 'readAheadBytes'))
    let settle: (error: Error | undefined) => void = () => undefined
    this.closed = new Promise((resolve) => {
      settle = resolve
    })
    const sink = {
      frame: (payload: Uint8Array) => this.#take(payload),
      end: () => this.#finish(undefined),
      close: (error?: Error) => {
        this.#finish(error)
        settle(error)
      },
    }
    const codecOptions = checkedOptions(options)
    checkOptionNames(options, 'openFrames', ['format', 'frameBytesMax', 'readAheadBytes'])
    this.#channel = attachFrames(stream, codecOptions)
    this.#channel.start(sink)
  }

  get queuedBytes(): number {
    return this.#channel.queuedBytes
  }

  send(payload: Payload): SendVerdict {
    return this.#channel.send(payload)
  }

  drained(): Promise<void> {
    return this.#channel.drained()
  }

  end(): void {
    this.#channel.end()
  }

  abort(error?: Error): void {
    this.#channel.abort(error)
  }

  [Symbol.asyncIterator](): AsyncIterator<Uint8Array, undefined> {
    if (this.#reading) {
      throw new FramingError('ALREADY_READING', 'This stream already has a reader: share its iterator.')
    }
    this.#reading = true
    return { next: () => this.#next(), return: () => this.#leave() }
  }

  #take(lent: Uint8Array): void {
    const waiter = this.#waiters.shift()
    if (waiter !== undefined) {
      waiter.resolve({ done: false, value: lent.slice() })
      return
    }
    this.#held.append(lent)
    this.#heldBytes += lent.length + framingLimits.heldFrameOverheadBytes
    if (this.#heldBytes >= this.#readAheadBytes) this.#channel.pause()
  }

  #next(): Promise<IteratorResult<Uint8Array, undefined>> {
    const frame = this.#held.take()
    if (frame !== undefined) {
      this.#release(frame)
      return Promise.resolve({ done: false, value: frame })
    }
    if (!this.#over) return new Promise((resolve, reject) => this.#waiters.push({ resolve, reject }))
    const error = this.#error
    this.#error = undefined
    return error === undefined ? Promise.resolve({ done: true, value: undefined }) : Promise.reject(error)
  }

  #release(frame: Uint8Array): void {
    this.#heldBytes -= frame.length + framingLimits.heldFrameOverheadBytes
    if (this.#heldBytes <= this.#readAheadBytes / 2) this.#channel.resume()
  }

  #leave(): Promise<IteratorResult<Uint8Array, undefined>> {
    this.#held.clear()
    this.#heldBytes = 0
    this.#error = undefined
    // A stream that has delivered everything may still be sending. Only a reader that leaves early aborts it.
    if (!this.#over) this.#channel.abort()
    this.#finish(undefined)
    return Promise.resolve({ done: true, value: undefined })
  }

  #finish(error: Error | undefined): void {
    if (this.#over) return
    this.#over = true
    const first = this.#waiters.shift()
    if (error === undefined) first?.resolve({ done: true, value: undefined })
    else if (first === undefined) this.#error = error
    else first.reject(error)
    for (let waiter = this.#waiters.shift(); waiter !== undefined; waiter = this.#waiters.shift()) {
      waiter.resolve({ done: true, value: undefined })
    }
  }
}

function checkedReadAhead(bytes: number | undefined): number {
  if (bytes === undefined) return framingLimits.readAheadBytes
  if (Number.isInteger(bytes) && bytes >= 1) return bytes
  throw new FramingError(
    'INVALID_OPTION',
    `readAheadBytes is ${describeValue(bytes)}: it must be a positive integer.`,
  )
}
