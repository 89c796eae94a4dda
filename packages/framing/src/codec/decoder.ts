import { FramingError } from '../framing-error.ts'
import { checkedChunk } from '../support/bytes.ts'
import { checkedCallback } from '../support/checked-objects.ts'
import {
  checkedLimit,
  checkedOptions,
  type FrameCodecOptions,
  type FrameFormat,
  headerBytes,
  readLength,
} from './frame-format.ts'
import { likelyProtocolHint, likelyProtocolOf } from './likely-protocol.ts'
import { PendingPayload } from './pending-payload.ts'

const nothing = new Uint8Array(0)
const none: Uint8Array[] = []

/**
 * Splits a stream of bytes into payloads, whatever the cuts between chunks.
 *
 * Push bytes, then take frames until there is none:
 * `decoder.push(chunk)`, `while ((payload = decoder.next()) !== undefined) …`, or
 * `decoder.push(chunk, (payload) => …)`. A frame that lies wholly in one chunk is handed out as a view on that
 * chunk. One that spans chunks is assembled in memory that grows with the bytes that arrived, in amortised
 * linear time. After an error the decoder stays failed and throws that same error again.
 */
export class FrameDecoder {
  readonly format: FrameFormat
  #frameBytesMax: number
  /** The chunk being split, and where in it the next byte is. */
  #chunk: Uint8Array = nothing
  /** That of the chunk: to ask a view for it costs a third of handing a frame out. */
  #buffer: ArrayBufferLike = nothing.buffer
  #at = 0
  /** Whether the chunk's memory belongs to who pushed it. */
  #lent = false
  /** Chunks pushed before the one in front of them was used up: copies, oldest first. */
  #backlog: Uint8Array[] = none
  #backlogAt = 0
  /** A header that spans chunks: made with the first of them, because most decoders see none for long. */
  #header: Uint8Array | undefined
  #headerFilled = 0
  #pending: PendingPayload | undefined
  #failure: FramingError | undefined
  #ended = false
  /** Bytes of the stream before `#chunk`. */
  #before = 0
  #copied = 0

  /** @throws FramingError `INVALID_OPTION` */
  constructor(options: FrameCodecOptions = {}) {
    const { format, frameBytesMax } = checkedOptions(options)
    this.format = format
    this.#frameBytesMax = frameBytesMax
  }

  /** The limit in payload bytes. A change holds from the next header on: a frame begun is finished. */
  get frameBytesMax(): number {
    return this.#frameBytesMax
  }

  set frameBytesMax(value: number) {
    this.#frameBytesMax = checkedLimit(this.format, value)
  }

  /** Bytes that were pushed and not handed out yet, headers included. */
  get bufferedBytes(): number {
    let bytes = this.#chunk.length - this.#at + this.#headerFilled
    if (this.#pending !== undefined) bytes += headerBytes + this.#pending.filledBytes
    for (const chunk of this.#backlog) bytes += chunk.length
    return bytes
  }

  /** Memory this decoder has taken of its own for what it holds: it follows what arrived, not what was announced. */
  get memoryBytes(): number {
    let bytes = headerBytes + (this.#pending?.memoryBytes ?? 0)
    for (const chunk of this.#backlog) bytes += chunk.length
    return bytes
  }

  /** Bytes copied inside this decoder since it was made, for measurements. */
  get copiedBytes(): number {
    return this.#copied + (this.#pending?.copiedBytes ?? 0)
  }

  /** The error this decoder failed with, which it throws from now on. */
  get failure(): FramingError | undefined {
    return this.#failure
  }

  /**
   * Takes bytes. They are lent to the decoder until {@link next} has returned undefined (or `onFrame` has
   * returned for the last time); who cannot wait for that calls {@link keep}.
   *
   * @param onFrame called for every frame that is complete now. The payload is lent until it returns. If it
   *   throws, that goes to the caller of `push`, and the frames behind it come with the next call.
   * @throws FramingError `FRAME_TOO_LONG`, `CORRUPT_LENGTH`, `ENDED`, after the frames in front were handed out;
   *   `INVALID_CHUNK`, `INVALID_ARGUMENT`: nothing was kept, and the decoder goes on
   */
  push(chunk: Uint8Array, onFrame?: (payload: Uint8Array) => void): void {
    if (this.#failure !== undefined) throw this.#failure
    const bytes = checkedChunk(chunk)
    if (onFrame !== undefined) checkedCallback(onFrame)
    if (this.#ended)
      throw this.#fail(new FramingError('ENDED', 'push() was called after end(): make a new decoder.'))
    if (this.#at < this.#chunk.length || this.#backlog !== none) this.#stack(bytes)
    else {
      this.#before += this.#chunk.length
      this.#split(bytes)
      this.#at = 0
      this.#lent = true
    }
    if (onFrame === undefined) return
    try {
      for (let frame = this.next(); frame !== undefined; frame = this.next()) onFrame(frame)
    } catch (error) {
      this.keep()
      throw error
    }
  }

  /**
   * The next payload, or undefined when more bytes are needed. It is lent: valid until the pushed chunk is
   * reused by its owner. {@link nextCopy} gives one to keep.
   *
   * @throws FramingError `FRAME_TOO_LONG`, `CORRUPT_LENGTH`, and `TRUNCATED` after `end()`
   */
  next(): Uint8Array | undefined {
    if (this.#pending === undefined && this.#headerFilled === 0) {
      const chunk = this.#chunk
      const at = this.#at
      const payloadAt = at + headerBytes
      if (payloadAt <= chunk.length) {
        const length = readLength(this.format, chunk, at)
        if (length > this.#frameBytesMax || length < 0) {
          throw this.#refuse(length, chunk.slice(at, payloadAt), this.#before + at)
        }
        if (length <= chunk.length - payloadAt) {
          this.#at = payloadAt + length
          return new Uint8Array(this.#buffer, chunk.byteOffset + payloadAt, length)
        }
      }
    }
    return this.#nextSpanning()
  }

  /** As {@link next}, but the payload is the receiver's own. */
  nextCopy(): Uint8Array | undefined {
    const frame = this.next()
    // A view on a chunk never covers its whole buffer, as the header is in there, too: this one was assembled.
    if (frame === undefined || frame.length === frame.buffer.byteLength) return frame
    this.#copied += frame.length
    return frame.slice()
  }

  /** Copies what is lent and not split yet, so that the owner of the chunk may reuse it. */
  keep(): void {
    if (!this.#lent || this.#at >= this.#chunk.length) return
    this.#lent = false
    this.#before += this.#at
    this.#copied += this.#chunk.length - this.#at
    this.#split(this.#chunk.slice(this.#at))
    this.#at = 0
  }

  /**
   * The stream has ended. With frames still to be taken, {@link next} gives them first and throws then.
   *
   * @throws FramingError `TRUNCATED` when the stream ended inside a frame
   */
  end(): void {
    if (this.#failure !== undefined) throw this.#failure
    this.#ended = true
    if (this.#at >= this.#chunk.length) this.#checkTruncated()
  }

  /** The frames that are complete, as copies that the receiver may keep. */
  *[Symbol.iterator](): Generator<Uint8Array, void, undefined> {
    for (let frame = this.nextCopy(); frame !== undefined; frame = this.nextCopy()) yield frame
  }

  #nextSpanning(): Uint8Array | undefined {
    if (this.#failure !== undefined) throw this.#failure
    do {
      const frame =
        this.#pending === undefined ? this.#beginSpanning() : this.#continueSpanning(this.#pending)
      if (frame !== undefined) return frame
    } while (this.#advance())
    if (this.#ended) this.#checkTruncated()
    return undefined
  }

  /** Collects a header from what is left of the chunk; with a whole one, the payload begins. */
  #beginSpanning(): Uint8Array | undefined {
    const chunk = this.#chunk
    const streamOffset = this.#before + this.#at - this.#headerFilled
    if (this.#at === chunk.length) return undefined
    this.#header ??= new Uint8Array(headerBytes)
    const header = this.#header
    while (this.#headerFilled < headerBytes && this.#at < chunk.length) {
      header[this.#headerFilled++] = chunk[this.#at++] as number
    }
    if (this.#headerFilled < headerBytes) return undefined
    const length = readLength(this.format, header, 0)
    if (length > this.#frameBytesMax || length < 0) {
      throw this.#refuse(length, header, streamOffset)
    }
    this.#headerFilled = 0
    const available = chunk.length - this.#at
    if (length > available) {
      this.#pending = new PendingPayload(length, available)
      return this.#continueSpanning(this.#pending)
    }
    this.#at += length
    return new Uint8Array(this.#buffer, chunk.byteOffset + this.#at - length, length)
  }

  #continueSpanning(pending: PendingPayload): Uint8Array | undefined {
    const taken = Math.min(pending.missingBytes, this.#chunk.length - this.#at)
    if (taken > 0) pending.append(this.#chunk, this.#at, this.#at + taken)
    this.#at += taken
    if (pending.missingBytes > 0) return undefined
    this.#copied += pending.copiedBytes
    this.#pending = undefined
    return pending.bytes
  }

  /** Goes on to the next chunk; false when there is none. The used one is let go. */
  #advance(): boolean {
    this.#before += this.#chunk.length
    this.#at = 0
    this.#lent = false
    this.#split(this.#backlog[this.#backlogAt] ?? nothing)
    if (this.#chunk === nothing) return false
    this.#backlog[this.#backlogAt++] = nothing
    if (this.#backlogAt === this.#backlog.length) this.#clearBacklog()
    return true
  }

  #split(chunk: Uint8Array): void {
    this.#chunk = chunk
    this.#buffer = chunk.buffer
  }

  #clearBacklog(): void {
    this.#backlog = none
    this.#backlogAt = 0
  }

  #stack(chunk: Uint8Array): void {
    this.keep()
    if (chunk.length === 0) return
    this.#copied += chunk.length
    if (this.#backlog === none) this.#backlog = []
    this.#backlog.push(chunk.slice())
  }

  #checkTruncated(): void {
    const pending = this.#pending
    const arrived = pending === undefined ? this.#headerFilled : headerBytes + pending.filledBytes
    if (arrived === 0) return
    const where =
      pending === undefined
        ? `after ${arrived} of ${headerBytes} header bytes`
        : `after ${pending.filledBytes} of ${pending.length} payload bytes`
    throw this.#fail(
      new FramingError(
        'TRUNCATED',
        `The stream ended inside a frame, ${where}: the peer stopped or the connection broke.`,
        {
          streamOffset: this.#before + this.#at - arrived,
          ...(pending === undefined ? {} : { announcedBytes: pending.length }),
        },
      ),
    )
  }

  #refuse(length: number, header: Uint8Array, streamOffset: number): FramingError {
    const likelyProtocol = likelyProtocolOf(header)
    const hint = likelyProtocolHint(likelyProtocol)
    const frameBytesMax = this.#frameBytesMax
    const details = {
      frameBytesMax,
      streamOffset,
      ...(likelyProtocol === undefined ? {} : { likelyProtocol }),
    }
    if (length < 0) {
      const bytes = [...header].map((byte) => byte.toString(16).padStart(2, '0')).join(' ')
      const text = `The header bytes ${bytes} are not four decimal digits: the peer probably uses another format.${hint}`
      return this.#fail(new FramingError('CORRUPT_LENGTH', text, details))
    }
    const text =
      hint === ''
        ? `The peer announced a frame of ${length} bytes, and the limit is ${frameBytesMax}: raise frameBytesMax on both sides, or send less.`
        : `${hint} As a length, it is ${length} bytes, and the limit is ${frameBytesMax}.`.trimStart()
    return this.#fail(new FramingError('FRAME_TOO_LONG', text, { ...details, announcedBytes: length }))
  }

  /** Nothing is held for a stream that cannot go on. */
  #fail(failure: FramingError): FramingError {
    this.#failure = failure
    this.#split(nothing)
    this.#at = 0
    this.#clearBacklog()
    this.#pending = undefined
    this.#headerFilled = 0
    return failure
  }
}
