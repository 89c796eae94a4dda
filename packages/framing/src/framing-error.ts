import { hasBrand } from './brand.ts'
import type { FramingErrorCode } from './error-codes.ts'

/** What often comes to the wrong port: another protocol, or JSON or plain text (ASCII) without a length in front of it. */
export type LikelyProtocol = 'http' | 'http2' | 'tls' | 'ssh' | 'json' | 'text'

/** What a FramingError knows beyond its code. */
export interface FramingErrorDetails {
  /** Payload bytes that a header announced or a sender wanted to send. */
  readonly announcedBytes?: number
  /** The limit in force, in payload bytes. */
  readonly frameBytesMax?: number
  /** Where the frame's header begins, in bytes from the start of the stream. */
  readonly streamOffset?: number
  /** What the peer probably speaks, when the header reads like the start of a known protocol, of JSON or of a text. */
  readonly likelyProtocol?: LikelyProtocol
  readonly cause?: unknown
}

const brand = Symbol.for('frameport.FramingError')

/** The error of this package. Branch on `code`; the text is for people. */
export class FramingError extends Error {
  readonly [brand] = true
  readonly code: FramingErrorCode
  readonly announcedBytes: number | undefined
  readonly frameBytesMax: number | undefined
  readonly streamOffset: number | undefined
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

  /** True for a FramingError of any copy of this package. */
  static is(value: unknown): value is FramingError {
    return hasBrand(value, brand)
  }
}
