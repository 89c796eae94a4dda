import { ProtocolError } from '../protocol-error.ts'
import type { Metadata } from './envelope.ts'
import type { MetadataLimits } from './envelope-limits.ts'
import { decodeUtf8 } from './text.ts'

/**
 * Reads one frame from the front. Nothing is allocated for a length before that many bytes are known to be there.
 * Every complaint is a ProtocolError MALFORMED_ENVELOPE that names field and offset.
 */
export class HeaderReader {
  readonly #bytes: Uint8Array
  readonly #metadataLimits: MetadataLimits
  #offset = 0

  constructor(bytes: Uint8Array, metadataLimits: MetadataLimits) {
    this.#bytes = bytes
    this.#metadataLimits = metadataLimits
  }

  get remaining(): number {
    return this.#bytes.length - this.#offset
  }

  malformed(field: string, problem: string, cause?: unknown): ProtocolError {
    return new ProtocolError('MALFORMED_ENVELOPE', `${field} at byte ${this.#offset}: ${problem}`, { cause })
  }

  byte(field: string): number {
    const value = this.#bytes[this.#offset]
    if (value === undefined) throw this.malformed(field, 'the frame ends before it')
    this.#offset += 1
    return value
  }

  varint(field: string): number {
    let value = 0
    let scale = 1
    for (let position = 0; position < 8; position += 1) {
      const byte = this.byte(field)
      value += (byte & 0x7f) * scale
      if (byte < 0x80) {
        if (byte === 0 && position > 0)
          throw this.malformed(field, 'the number is longer than it needs to be')
        if (!Number.isSafeInteger(value)) throw this.malformed(field, 'the number is over 2^53 - 1')
        return value
      }
      scale *= 0x80
    }
    throw this.malformed(field, 'the number is over 2^53 - 1')
  }

  count(field: string, max: number): number {
    const value = this.varint(field)
    if (value > max) throw this.malformed(field, `${value} entries, ${max} are allowed`)
    return value
  }

  /** A view. */
  take(field: string, length: number): Uint8Array {
    if (length > this.remaining) {
      throw this.malformed(field, `${length} bytes announced, ${this.remaining} are left`)
    }
    const view = this.#bytes.subarray(this.#offset, this.#offset + length)
    this.#offset += length
    return view
  }

  blob(field: string, bytesMax: number, bytesMin = 0): Uint8Array {
    const length = this.varint(field)
    if (length > bytesMax || length < bytesMin) {
      throw this.malformed(field, `${length} bytes, allowed are ${bytesMin} to ${bytesMax}`)
    }
    return this.take(field, length)
  }

  text(field: string, bytesMax: number, bytesMin = 0): string {
    return this.#decode(field, this.blob(field, bytesMax, bytesMin))
  }

  metadata(): Metadata {
    const { metadataEntriesMax, metadataBytesMax } = this.#metadataLimits
    const entries = this.count('metadata', metadataEntriesMax)
    if (entries === 0) throw this.malformed('metadata', 'the flag announces pairs and there are none')
    let bytesLeft = metadataBytesMax
    const metadata: Record<string, string> = Object.create(null)
    for (let index = 0; index < entries; index += 1) {
      const key = this.blob('metadata key', bytesLeft, 1)
      bytesLeft -= key.length
      const value = this.blob('metadata value', bytesLeft)
      bytesLeft -= value.length
      const name = this.#decode('metadata key', key)
      if (name in metadata) throw this.malformed('metadata key', `${JSON.stringify(name)} comes twice`)
      metadata[name] = this.#decode('metadata value', value)
    }
    return metadata
  }

  rest(): Uint8Array {
    return this.take('body', this.remaining)
  }

  #decode(field: string, bytes: Uint8Array): string {
    try {
      return decodeUtf8(bytes)
    } catch (cause) {
      throw this.malformed(field, 'invalid UTF-8', cause)
    }
  }
}
