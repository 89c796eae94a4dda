import { FramingError } from '../framing-error.ts'
import {
  bytesBehindFirst,
  checkedTarget,
  isBytes,
  lengthOf,
  partsBehind,
  readableLength,
  saidLength,
  viewOf,
} from '../support/bytes.ts'
import { describeValue } from '../support/describe-value.ts'
import {
  checkedLimit,
  checkedOptions,
  type FrameCodecOptions,
  type FrameFormat,
  headerBytes,
  writeLength,
} from './frame-format.ts'

/** The bytes of one payload: one Uint8Array, or an array of parts in their order. */
export type Payload = Uint8Array | readonly Uint8Array[]

/** The header that {@link FrameEncoder.encodeLent} lends. All encoders share it, so that an idle encoder holds nothing. */
const lentHeader = new Uint8Array(headerBytes)

const nothing = new Uint8Array(0)

/** The array that {@link lendFrame} lends, also shared by all encoders. */
const lentFrame: Uint8Array[] = [lentHeader, nothing]
let isFrameLent = false

let partsWith: (encoder: FrameEncoder, payload: Payload) => Uint8Array[]

/**
 * Like {@link FrameEncoder.encodeLent}, but the array is lent as well, until {@link giveFrameBack}: an array for each frame would take as much
 * memory as the frame of a small call.
 *
 * @throws FramingError `FRAME_TOO_LONG`; `INVALID_ARGUMENT` if the payload is not bytes
 */
export function lendFrame(encoder: FrameEncoder, payload: Payload): Uint8Array[] {
  return partsWith(encoder, payload)
}

/** Ends the loan after the frame was sent. The payload is not kept. */
export function giveFrameBack(frame: Uint8Array[]): void {
  if (frame !== lentFrame) return
  frame[1] = nothing
  isFrameLent = false
}

/**
 * Adds headers to payloads. The limit is checked before anything is written.
 *
 * @example
 * const [header, payload] = new FrameEncoder().encode(new TextEncoder().encode('hello'))
 * // header: 00 00 00 05
 */
export class FrameEncoder {
  static {
    partsWith = (encoder, payload) => encoder.#lend(payload)
  }

  /** The format of the headers, as given to the constructor. */
  readonly format: FrameFormat
  #frameBytesMax: number

  /** @throws FramingError `INVALID_OPTION` */
  constructor(options: FrameCodecOptions = {}) {
    const { format, frameBytesMax } = checkedOptions(options)
    this.format = format
    this.#frameBytesMax = frameBytesMax
  }

  /** The longest payload that is accepted, in bytes. A change applies from the next payload on. */
  get frameBytesMax(): number {
    return this.#frameBytesMax
  }

  set frameBytesMax(value: number) {
    this.#frameBytesMax = checkedLimit(this.format, value)
  }

  /**
   * Returns the frame as parts to write one after the other: a new header, then the payload as it was given, not copied.
   *
   * @throws FramingError `FRAME_TOO_LONG`; `INVALID_ARGUMENT` if the payload is not bytes
   */
  encode(payload: Payload): Uint8Array[] {
    return this.#parts(new Uint8Array(headerBytes), payload)
  }

  /**
   * Like {@link encode}, but the next call on any encoder overwrites the header. Use it for a sink that copies or sends the bytes before it returns,
   * as a {@link ByteStream} does.
   *
   * @throws FramingError `FRAME_TOO_LONG`; `INVALID_ARGUMENT` if the payload is not bytes
   */
  encodeLent(payload: Payload): Uint8Array[] {
    return this.#parts(lentHeader, payload)
  }

  /**
   * Writes header and payload into `target` and returns the number of bytes written. Writes nothing if it throws.
   *
   * @param at the offset of the header in `target`, in bytes. Default 0
   * @throws FramingError `FRAME_TOO_LONG`, `TARGET_TOO_SMALL`, `INVALID_ARGUMENT`
   */
  encodeInto(payload: Payload, target: Uint8Array, at = 0): number {
    if (!Number.isSafeInteger(at) || at < 0) {
      throw new FramingError(
        'INVALID_ARGUMENT',
        `The offset at is ${describeValue(at)}: it must be an integer, 0 or more.`,
      )
    }
    const frame = partsBehind(new Uint8Array(headerBytes), payload)
    const length = this.#announce(frame)
    // Checked last: the getters of an array may have changed its buffer.
    const checked = checkedTarget(target)
    if (headerBytes + length > checked.length - at) {
      throw new FramingError(
        'TARGET_TOO_SMALL',
        `The target has ${Math.max(0, checked.length - at)} bytes from offset ${at}, and the frame needs ${headerBytes} + ${length}.`,
        { announcedBytes: length },
      )
    }
    let end = at
    for (const part of frame) {
      checked.set(part, end)
      end += lengthOf(part)
    }
    return end - at
  }

  /** A send inside the send of another frame gets a new array. */
  #lend(payload: Payload): Uint8Array[] {
    if (isFrameLent || !isBytes(payload)) return this.#parts(lentHeader, payload)
    const bytes = this.#whole(lentHeader, payload)
    isFrameLent = true
    // The last user may have changed the whole array. V8 sets a length with a slow runtime call, so only if it differs.
    if (lentFrame.length !== 2) lentFrame.length = 2
    lentFrame[0] = lentHeader
    lentFrame[1] = bytes
    return lentFrame
  }

  #parts(header: Uint8Array, payload: Payload): Uint8Array[] {
    if (isBytes(payload)) return [header, this.#whole(header, payload)]
    const frame = partsBehind(header, payload)
    this.#announce(frame)
    return frame
  }

  /** Writes the length of a payload of one part into its header. @returns a view on exactly the bytes of the payload */
  #whole(header: Uint8Array, payload: Uint8Array): Uint8Array {
    const said = saidLength(payload)
    const length = readableLength(payload)
    this.#writeLength(header, length)
    return said === length ? payload : viewOf(payload)
  }

  /** Writes the length of the parts after the header into it, and returns that length. */
  #announce(frame: readonly Uint8Array[]): number {
    const length = bytesBehindFirst(frame)
    this.#writeLength(frame[0] as Uint8Array, length)
    return length
  }

  #writeLength(header: Uint8Array, length: number): void {
    if (length > this.#frameBytesMax) throw this.#tooLong(length)
    writeLength(this.format, header, 0, length)
  }

  #tooLong(length: number): FramingError {
    return new FramingError(
      'FRAME_TOO_LONG',
      `A payload of ${length} bytes exceeds the limit of ${this.#frameBytesMax}: raise frameBytesMax on both sides, or split it.`,
      { announcedBytes: length, frameBytesMax: this.#frameBytesMax },
    )
  }
}
