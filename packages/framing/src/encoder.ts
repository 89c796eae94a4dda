import {
  checkedFormat,
  checkedLimit,
  type FrameCodecOptions,
  type FrameFormat,
  headerBytes,
  writeLength,
} from './frame-format.ts'
import { FramingError } from './framing-error.ts'

/** The bytes of one payload: whole, or in parts that belong one behind the other. */
export type Payload = Uint8Array | readonly Uint8Array[]

/** What {@link FrameEncoder.encodeLent} lends. One for all encoders, so that an idle one holds nothing. */
const lentHeader = new Uint8Array(headerBytes)

/** Puts a header in front of payloads. The limit is checked before anything is written. */
export class FrameEncoder {
  readonly format: FrameFormat
  #frameBytesMax: number

  /** @throws FramingError `INVALID_OPTION` */
  constructor(options: FrameCodecOptions = {}) {
    this.format = checkedFormat(options)
    this.#frameBytesMax = checkedLimit(this.format, options.frameBytesMax)
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
   * @throws FramingError `FRAME_TOO_LONG`
   */
  encode(payload: Payload): Uint8Array[] {
    return this.#parts(new Uint8Array(headerBytes), payload)
  }

  /**
   * As {@link encode}, with a header that the next call, of any encoder, overwrites: for a sink that copies or sends before it
   * returns, as a ByteStream does.
   *
   * @throws FramingError `FRAME_TOO_LONG`
   */
  encodeLent(payload: Payload): Uint8Array[] {
    return this.#parts(lentHeader, payload)
  }

  /**
   * Writes header and payload into `target` from `at` on, and returns how many bytes that took. Nothing is
   * written when it throws.
   *
   * @throws FramingError `FRAME_TOO_LONG`, `TARGET_TOO_SMALL`
   */
  encodeInto(payload: Payload, target: Uint8Array, at = 0): number {
    const length = payloadBytes(payload)
    this.#check(length)
    if (headerBytes + length > target.length - at) {
      throw new FramingError(
        'TARGET_TOO_SMALL',
        `A frame of ${headerBytes} + ${length} bytes does not fit into the ${Math.max(0, target.length - at)} bytes from ${at} on.`,
        { announcedBytes: length },
      )
    }
    writeLength(this.format, target, at, length)
    let end = at + headerBytes
    for (const part of payload instanceof Uint8Array ? [payload] : payload) {
      target.set(part, end)
      end += part.length
    }
    return end - at
  }

  #parts(header: Uint8Array, payload: Payload): Uint8Array[] {
    const length = payloadBytes(payload)
    this.#check(length)
    writeLength(this.format, header, 0, length)
    return payload instanceof Uint8Array ? [header, payload] : [header, ...payload]
  }

  #check(length: number): void {
    if (length <= this.#frameBytesMax) return
    throw new FramingError(
      'FRAME_TOO_LONG',
      `A payload of ${length} bytes is over the limit of ${this.#frameBytesMax}: raise frameBytesMax on both sides, or send it in parts.`,
      { announcedBytes: length, frameBytesMax: this.#frameBytesMax },
    )
  }
}

/** The length of a payload in bytes. */
export function payloadBytes(payload: Payload): number {
  if (payload instanceof Uint8Array) return payload.length
  let length = 0
  for (const part of payload) length += part.length
  return length
}
