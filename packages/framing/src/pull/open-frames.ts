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

export interface FrameDuplexOptions extends FrameCodecOptions {
  /**
   * How much is held for a busy reader before the stream is paused, in bytes; each held frame also counts 512.
   * One frame may go over it. Default 256 KiB.
   */
  readonly readAheadBytes?: number
}

/** Frames both ways over one byte stream: `send` to write, `for await` to read. */
export interface FrameDuplex extends AsyncIterable<Uint8Array> {
  /** Bytes accepted by `send` and not yet taken by the kernel. */
  readonly queuedBytes: number
  /**
   * Sends one frame; the payload is copied or sent before this returns.
   *
   * @throws FramingError `FRAME_TOO_LONG`, `INVALID_ARGUMENT`: nothing was sent and the stream lives on
   */
  send(payload: Payload): SendVerdict
  /** Settles when there is room again after a `full` verdict, or the stream is gone. Never rejects. */
  drained(): Promise<void>
  /** Ends the sending side after what is queued; reading goes on until the peer ends. */
  end(): void
  /** Ends both sides now. A reader that waits gets `error`, or the end. */
  abort(error?: Error): void
  /** Settles when the stream is gone, with the reason if it broke. Never rejects. */
  readonly closed: Promise<Error | undefined>
  /**
   * The frames, as copies of the reader's own, until the peer ends. Frames of 65 bytes to 4 KiB that came together may be
   * views on one buffer of at most 16 KiB, in which there is nothing else: copy such a frame (`frame.slice()`) before its buffer
   * is transferred, which would take its neighbours' bytes, too. Frames that have not been read yet are never in it.
   * One reader only. Throws what broke the stream, after the frames in front of it. Leaving a `for await` early aborts the stream; to read some frames
   * and go on later, call `next()` of one iterator.
   */
  [Symbol.asyncIterator](): AsyncIterator<Uint8Array, undefined>
}

/**
 * Starts `stream` as a duplex of frames with bounded reading ahead: a slow reader pauses the stream, and before
 * long the peer.
 *
 * @throws FramingError `INVALID_OPTION`, `INVALID_ARGUMENT`; what `stream.start` throws
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
  /** No frame will come any more; `#error` is what the reader gets then. */
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
    // A stream that has delivered everything may still be sending: only an early leaver cuts it off.
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
