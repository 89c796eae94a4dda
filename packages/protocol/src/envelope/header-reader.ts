import { ProtocolError } from '../protocol-error.ts'
import { envelopeLimits, type MetadataLimits } from './envelope-limits.ts'
import { type Extensions, type Metadata, metadataOverLimit } from './envelope-parts.ts'
import { nameAt } from './known-names.ts'
import { decodeUtf8 } from './text.ts'

/**
 * Reads one frame from its start. Nothing is allocated for a length before that many bytes are known to exist. Every
 * error is a ProtocolError MALFORMED_ENVELOPE that names the field and the offset.
 */
export class HeaderReader {
  #bytes: Uint8Array
  #metadataLimits: MetadataLimits
  #offset = 0

  constructor(bytes: Uint8Array, metadataLimits: MetadataLimits) {
    this.#bytes = bytes
    this.#metadataLimits = metadataLimits
  }

  /** Starts to read another frame. */
  begin(bytes: Uint8Array, metadataLimits: MetadataLimits): void {
    this.#bytes = bytes
    this.#metadataLimits = metadataLimits
    this.#offset = 0
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
        if (byte === 0 && position > 0) throw this.malformed(field, 'the number is not in its shortest form')
        if (!Number.isSafeInteger(value)) throw this.malformed(field, 'the number is over 2^53 - 1')
        return value
      }
      scale *= 0x80
    }
    throw this.malformed(field, 'the number is over 2^53 - 1')
  }

  count(field: string, max: number): number {
    const value = this.varint(field)
    if (value > max) throw this.malformed(field, `${value} entries, and the limit is ${max}`)
    return value
  }

  /** Returns a view. */
  take(field: string, length: number): Uint8Array {
    const from = this.#offset
    this.#pass(field, length)
    return this.#bytes.subarray(from, from + length)
  }

  blob(field: string, bytesMax: number, bytesMin = 0): Uint8Array {
    const length = this.varint(field)
    if (length > bytesMax || length < bytesMin) {
      throw this.malformed(field, `${length} bytes, not ${bytesMin} to ${bytesMax}`)
    }
    return this.take(field, length)
  }

  text(field: string, bytesMax: number, bytesMin = 0): string {
    return this.#decode(field, this.blob(field, bytesMax, bytesMin))
  }

  /** Like {@link text}, for texts that are often repeated: the name of a procedure. */
  name(field: string, bytesMax: number): string {
    const length = this.varint(field)
    if (length > bytesMax || length < 1) {
      throw this.malformed(field, `${length} bytes, not 1 to ${bytesMax}`)
    }
    const from = this.#offset
    this.#pass(field, length)
    try {
      return nameAt(this.#bytes, from, length)
    } catch (cause) {
      throw this.malformed(field, 'invalid UTF-8', cause)
    }
  }

  /**
   * Reads metadata after their length. Those over the limits are skipped.
   *
   * @returns {@link metadataOverLimit} then
   */
  metadata(): Metadata {
    const end = this.#part('metadata', Number.MAX_SAFE_INTEGER)
    const { metadataEntriesMax, metadataBytesMax } = this.#metadataLimits
    const entries = this.varint('metadata')
    if (this.#offset > end) throw this.malformed('metadata', 'the count does not fit in their length')
    if (entries === 0) throw this.malformed('metadata', 'the flag announces entries, but there are none')
    if (entries > metadataEntriesMax) return this.#passOver(end)
    let bytesLeft = metadataBytesMax
    const metadata: Record<string, string> = Object.create(null)
    for (let index = 0; index < entries; index += 1) {
      const key = this.#within('metadata key', end, 1)
      const value = this.#within('metadata value', end, 0)
      bytesLeft -= key.length + value.length
      if (bytesLeft < 0) return this.#passOver(end)
      const name = this.#decode('metadata key', key)
      if (name in metadata) throw this.malformed('metadata key', `${JSON.stringify(name)} is repeated`)
      metadata[name] = this.#decode('metadata value', value)
    }
    if (this.#offset !== end) throw this.malformed('metadata', `${end - this.#offset} bytes are left over`)
    return metadata
  }

  /** The values are views. */
  extensions(): Extensions {
    const { extensionsBytesMax, extensionsMax } = envelopeLimits
    const end = this.#part('extensions', extensionsBytesMax)
    const extensions: [number, Uint8Array][] = []
    while (this.#offset < end) {
      if (extensions.length === extensionsMax)
        throw this.malformed('extensions', `over ${extensionsMax} of them`)
      const id = this.varint('extension id')
      if (extensions.some(([other]) => other === id))
        throw this.malformed('extension id', `${id} is repeated`)
      extensions.push([id, this.#within('extension', end, 0)])
    }
    return extensions
  }

  rest(): Uint8Array {
    return this.take('body', this.remaining)
  }

  /** Returns the end of a part that follows its length. */
  #part(field: string, bytesMax: number): number {
    const length = this.varint(field)
    if (length === 0 || length > bytesMax)
      throw this.malformed(field, `${length} bytes, not 1 to ${bytesMax}`)
    if (length > this.remaining)
      throw this.malformed(field, `${length} bytes announced, ${this.remaining} are left`)
    return this.#offset + length
  }

  /** Reads a blob inside a part that ends at `end`. */
  #within(field: string, end: number, bytesMin: number): Uint8Array {
    const length = this.varint(field)
    if (length < bytesMin || length > end - this.#offset)
      throw this.malformed(field, `${length} bytes, not ${bytesMin} to ${end - this.#offset}`)
    return this.take(field, length)
  }

  #pass(field: string, length: number): void {
    if (length > this.remaining) {
      throw this.malformed(field, `${length} bytes announced, ${this.remaining} are left`)
    }
    this.#offset += length
  }

  #passOver(end: number): Metadata {
    this.#offset = end
    return metadataOverLimit
  }

  #decode(field: string, bytes: Uint8Array): string {
    try {
      return decodeUtf8(bytes)
    } catch (cause) {
      throw this.malformed(field, 'invalid UTF-8', cause)
    }
  }
}
