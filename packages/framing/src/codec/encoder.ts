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

/** The bytes of one payload: whole, or in parts that belong one behind the other. */
export type Payload = Uint8Array | readonly Uint8Array[]

/** What {@link FrameEncoder.encodeLent} lends. One for all encoders, so that an idle one holds nothing. */
const lentHeader = new Uint8Array(headerBytes)

const nothing = new Uint8Array(0)

/** What {@link lendFrame} lends: one for all encoders, too. */
const lentFrame: Uint8Array[] = [lentHeader, nothing]
let isFrameLent = false

let partsWith: (encoder: FrameEncoder, payload: Payload) => Uint8Array[]

/**
 * As {@link FrameEncoder.encodeLent}, in an array that is lent as well, until {@link giveFrameBack}: an array for each frame takes as much as the
 * frame of a small call.
 *
 * @throws FramingError `FRAME_TOO_LONG`; `INVALID_ARGUMENT` for what is not bytes
 */
export function lendFrame(encoder: FrameEncoder, payload: Payload): Uint8Array[] {
  return partsWith(encoder, payload)
}

/** It was sent: nothing of its payload is kept. */
export function giveFrameBack(frame: Uint8Array[]): void {
  if (frame !== lentFrame) return
  frame[1] = nothing
  isFrameLent = false
}

/** Puts a header in front of payloads. The limit is checked before anything is written. */
export class FrameEncoder {
  static {
    partsWith = (encoder, payload) => encoder.#lend(payload)
  }

  readonly format: FrameFormat
  #frameBytesMax: number

  /** @throws FramingError `INVALID_OPTION` */
  constructor(options: FrameCodecOptions = {}) {
    const { format, frameBytesMax } = checkedOptions(options)
    this.format = format
    this.#frameBytesMax = frameBytesMax
  }

  /** The limit in payload bytes; a change holds from the next payload on. */
  get frameBytesMax(): number {
    return this.#frameBytesMax
  }

  set frameBytesMax(value: number) {
    this.#frameBytesMax = checkedLimit(this.format, value)
  }

  /**
   * The frame as parts to write one behind the other: a header of its own, then the payload as it was given,
   * not copied.
   *
   * @throws FramingError `FRAME_TOO_LONG`; `INVALID_ARGUMENT` for what is not bytes
   */
  encode(payload: Payload): Uint8Array[] {
    return this.#parts(new Uint8Array(headerBytes), payload)
  }

  /**
   * As {@link encode}, with a header that the next call, of any encoder, overwrites: for a sink that copies or sends before it
   * returns, as a ByteStream does.
   *
   * @throws FramingError `FRAME_TOO_LONG`; `INVALID_ARGUMENT` for what is not bytes
   */
  encodeLent(payload: Payload): Uint8Array[] {
    return this.#parts(lentHeader, payload)
  }

  /**
   * Writes header and payload into `target` from `at` on, and returns how many bytes that took. Nothing is
   * written when it throws.
   *
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
    // Looked at last: the getters of an array may have changed what its buffer is.
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

  /** A stream that delivers from inside of its send, to who sends in turn, gets another array for that. */
  #lend(payload: Payload): Uint8Array[] {
    if (isFrameLent || !isBytes(payload)) return this.#parts(lentHeader, payload)
    const bytes = this.#whole(lentHeader, payload)
    isFrameLent = true
    // All of it: who had it last may have changed it. V8 sets a length by a call of its runtime, so only where it is another.
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

  /** Writes the length of a payload of one part into its header. @returns what has just the bytes of it */
  #whole(header: Uint8Array, payload: Uint8Array): Uint8Array {
    const said = saidLength(payload)
    const length = readableLength(payload)
    this.#writeLength(header, length)
    return said === length ? payload : viewOf(payload)
  }

  /** Writes the length of the parts behind the header into it, and returns that length. */
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
