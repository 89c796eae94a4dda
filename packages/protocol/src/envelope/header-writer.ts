import { ProtocolError } from '../protocol-error.ts'
import { envelopeLimits } from './envelope-limits.ts'
import type { Extensions, Metadata } from './envelope-parts.ts'
import { encodeUtf8, isWellFormedText } from './text.ts'

const firstBytes = 64

/** The buffer size that a writer keeps for the next header. */
const keptBytesMax = 512

/** The length of a text up to this length takes one byte. */
const asciiLengthMax = 0x7f

/** Grows by doubling; returns a view of the written bytes. */
export class HeaderWriter {
  #bytes = new Uint8Array(firstBytes)
  #length = 0

  get length(): number {
    return this.#length
  }

  /** Begins another header, and releases the buffer of a long one. */
  reset(): void {
    this.#length = 0
    if (this.#bytes.length > keptBytesMax) this.#bytes = new Uint8Array(firstBytes)
  }

  /** Copies the written bytes into `target`, so that they end before `end`. */
  copyInFrontOf(target: Uint8Array, end: number): void {
    const from = end - this.#length
    // Headers are a few bytes, for which a loop is faster than a view and a copy of it.
    for (let index = 0; index < this.#length; index += 1) target[from + index] = this.#bytes[index] as number
  }

  finish(): Uint8Array {
    return this.#bytes.subarray(0, this.#length)
  }

  byte(value: number): void {
    this.#reserve(1)
    this.#bytes[this.#length++] = value
  }

  bytes(value: Uint8Array): void {
    this.#reserve(value.length)
    this.#bytes.set(value, this.#length)
    this.#length += value.length
  }

  /** Unsigned LEB128, seven bits a byte from the lowest, always in the fewest bytes. */
  varint(field: string, value: number): void {
    if (!Number.isSafeInteger(value) || value < 0) {
      throw new ProtocolError(
        'INVALID_FIELD',
        `${field} is ${value}: it must be an integer from 0 to 2^53 - 1`,
      )
    }
    this.#reserve(8)
    let rest = value
    while (rest >= 0x80) {
      this.#bytes[this.#length++] = (rest % 0x80) | 0x80
      rest = Math.floor(rest / 0x80)
    }
    this.#bytes[this.#length++] = rest
  }

  text(field: string, value: string, bytesMax: number, bytesMin = 0): void {
    if (value.length <= asciiLengthMax && value.length <= bytesMax && this.#ascii(value, bytesMin)) return
    if (!isWellFormedText(value)) {
      throw new ProtocolError('INVALID_FIELD', `${field} has a lone surrogate, which UTF-8 cannot carry`)
    }
    this.blob(field, encodeUtf8(value), bytesMax, bytesMin)
  }

  /**
   * Writes a short ASCII text, as most names are: the loop takes a tenth of the time of an encoder and its buffer.
   *
   * @returns false, without writing, for another text
   */
  #ascii(value: string, bytesMin: number): boolean {
    const { length } = value
    if (length < bytesMin) return false
    this.#reserve(1 + length)
    const from = this.#length + 1
    for (let index = 0; index < length; index += 1) {
      const code = value.charCodeAt(index)
      if (code >= 0x80) return false
      this.#bytes[from + index] = code
    }
    this.#bytes[this.#length] = length
    this.#length = from + length
    return true
  }

  blob(field: string, value: Uint8Array, bytesMax: number, bytesMin = 0): void {
    if (value.length > bytesMax || value.length < bytesMin) {
      throw new ProtocolError(
        'INVALID_FIELD',
        `${field} has ${value.length} bytes, not ${bytesMin} to ${bytesMax}`,
      )
    }
    this.varint(field, value.length)
    this.bytes(value)
  }

  count(field: string, value: number, max: number): void {
    if (value > max)
      throw new ProtocolError('INVALID_FIELD', `${field}: ${value} entries, and the limit is ${max}`)
    this.varint(field, value)
  }

  /** Checks only what the wire can carry. The session checks the limits of the peer. */
  metadata(value: Metadata): void {
    const part = new HeaderWriter()
    const entries = Object.entries(value)
    part.varint('metadata', entries.length)
    for (const [key, text] of entries) {
      part.text('metadata key', key, envelopeLimits.varintMax, 1)
      part.text(`metadata ${key}`, text, envelopeLimits.varintMax)
    }
    this.blob('metadata', part.finish(), envelopeLimits.varintMax)
  }

  extensions(value: Extensions): void {
    const { extensionsMax, extensionsBytesMax } = envelopeLimits
    if (value.length > extensionsMax)
      throw new ProtocolError(
        'INVALID_FIELD',
        `extensions: ${value.length} entries, and the limit is ${extensionsMax}`,
      )
    const part = new HeaderWriter()
    for (const [id, bytes] of value) {
      if (value.filter(([other]) => other === id).length > 1)
        throw new ProtocolError('INVALID_FIELD', `the extension ${id} is repeated`)
      part.varint('extension id', id)
      part.blob('extension', bytes, extensionsBytesMax)
    }
    this.blob('extensions', part.finish(), extensionsBytesMax)
  }

  #reserve(more: number): void {
    const needed = this.#length + more
    if (needed <= this.#bytes.length) return
    const grown = new Uint8Array(Math.max(needed, this.#bytes.length * 2))
    grown.set(this.#bytes.subarray(0, this.#length))
    this.#bytes = grown
  }
}
