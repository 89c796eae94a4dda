import { hasBrand } from './brand.ts'
import type { FramingErrorCode } from './error-codes.ts'

/**
 * A protocol that a peer probably speaks instead of frames, judged by the four bytes of a header. `json` and `text`: JSON or ASCII text
 * without a length in front.
 */
export type LikelyProtocol = 'http' | 'http2' | 'tls' | 'ssh' | 'json' | 'text'

/** The facts that a {@link FramingError} carries besides its code. All are optional. */
export interface FramingErrorDetails {
  /** The length of the payload that a header announced, or that a sender tried to send, in bytes. */
  readonly announcedBytes?: number
  /** The limit in force, in payload bytes. */
  readonly frameBytesMax?: number
  /** The position of the frame's header, in bytes from the start of the stream. */
  readonly streamOffset?: number
  /** The protocol that the peer probably speaks, if the header looks like the start of a known protocol, of JSON or of a text. */
  readonly likelyProtocol?: LikelyProtocol
  /** The error that led to this one. It becomes `error.cause`. */
  readonly cause?: unknown
}

const brand = Symbol.for('frameport.FramingError')

/**
 * The error of this package. Branch on `code`: its values are stable, the text is not. `error.cause` is set if another error led to this one.
 *
 * @example
 * try {
 *   decoder.push(chunk, onFrame)
 * } catch (error) {
 *   if (FramingError.is(error) && error.code === 'FRAME_TOO_LONG') console.log(error.announcedBytes, error.likelyProtocol)
 * }
 */
export class FramingError extends Error {
  readonly [brand] = true
  /** The stable code. {@link framingErrorCodes} explains each one. */
  readonly code: FramingErrorCode
  /** The length of the payload that a header announced, or that a sender tried to send, in bytes. */
  readonly announcedBytes: number | undefined
  /** The limit in force, in payload bytes. */
  readonly frameBytesMax: number | undefined
  /** The position of the frame's header, in bytes from the start of the stream. */
  readonly streamOffset: number | undefined
  /** The protocol that the peer probably speaks instead of frames. */
  readonly likelyProtocol: LikelyProtocol | undefined

  constructor(code: FramingErrorCode, message: string, details: FramingErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause })
    this.name = 'FramingError'
    this.code = code
    this.announcedBytes = details.announcedBytes
    this.frameBytesMax = details.frameBytesMax
    this.streamOffset = details.streamOffset
    this.likelyProtocol = details.likelyProtocol
  }

  /** Returns true if `value` is a FramingError, of any copy of this package. Use it instead of `instanceof`. */
  static is(value: unknown): value is FramingError {
    return hasBrand(value, brand)
  }
}
