import { ProtocolError } from '../protocol-error.ts'
import { envelopeLimits } from './envelope-limits.ts'
import { HeaderReader } from './header-reader.ts'
import { HeaderWriter } from './header-writer.ts'
import type { LogPosition } from './session-envelopes.ts'

const { logIdBytesMax } = envelopeLimits
const noMetadataAtAll = { metadataEntriesMax: 0, metadataBytesMax: 0 }

/** @throws ProtocolError INVALID_FIELD */
export function writePosition(writer: HeaderWriter, { log, number }: LogPosition): void {
  writer.blob('log', log, logIdBytesMax, 1)
  writer.varint('number', number)
}

/** @returns a view of the frame. @throws ProtocolError MALFORMED_ENVELOPE */
export function readPosition(reader: HeaderReader): LogPosition {
  const log = reader.blob('log', logIdBytesMax, 1)
  return { log, number: reader.varint('number') }
}

/**
 * Encodes a position alone, for an extension.
 *
 * @throws ProtocolError INVALID_FIELD
 */
export function encodePosition(position: LogPosition): Uint8Array {
  const writer = new HeaderWriter()
  writePosition(writer, position)
  return writer.finish()
}

/** @returns a copy; undefined for bytes that are not a position */
export function decodePosition(bytes: Uint8Array): LogPosition | undefined {
  const reader = new HeaderReader(bytes, noMetadataAtAll)
  try {
    const position = readPosition(reader)
    return reader.remaining === 0 ? ownPosition(position) : undefined
  } catch (error) {
    if (ProtocolError.is(error)) return undefined
    throw error
  }
}

/** Returns a position that outlives the frame in which it arrived. */
export function ownPosition({ log, number }: LogPosition): LogPosition {
  return { log: log.slice(), number }
}

/** Whether two positions belong to the same log. Only then can their numbers be compared. */
export function isSameLog({ log: one }: LogPosition, { log: other }: LogPosition): boolean {
  return one.length === other.length && one.every((byte, index) => byte === other[index])
}
