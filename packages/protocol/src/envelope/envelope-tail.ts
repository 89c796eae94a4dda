import {
  type EnvelopeBody,
  type Extensions,
  type Metadata,
  noBody,
  noBytes,
  noMetadata,
} from './envelope-parts.ts'
import type { HeaderReader } from './header-reader.ts'
import { flags } from './kinds.ts'
import { readPosition } from './log-position.ts'
import type { LogPosition } from './session-envelopes.ts'

/** The parts after the fields, in the order in which they are read: extensions, metadata, body. */
export function readExtensions(reader: HeaderReader, bits: number): Extensions | undefined {
  return (bits & flags.extensions) === 0 ? undefined : reader.extensions()
}

export function readMetadata(reader: HeaderReader, bits: number): Metadata {
  return (bits & flags.metadata) === 0 ? noMetadata : reader.metadata()
}

/** Uses up the frame. */
export function readBody(reader: HeaderReader, bits: number): EnvelopeBody {
  return readBodyInto({ encoding: 'none', bytes: noBytes }, reader, bits)
}

/** Like {@link readBody}. @returns `body`, or {@link noBody} */
export function readBodyInto(
  body: { -readonly [Name in keyof EnvelopeBody]: EnvelopeBody[Name] },
  reader: HeaderReader,
  bits: number,
): EnvelopeBody {
  const encoding = bits & flags.bodyMask
  if (encoding === 0) {
    nothingLeft(reader)
    return noBody
  }
  if ((bits & flags.goesOn) !== 0 && reader.remaining === 0)
    throw reader.malformed('body', 'a piece has at least one byte')
  body.encoding = encoding === 1 ? 'codec' : 'raw'
  body.bytes = reader.rest()
  return body
}

export function nothingLeft(reader: HeaderReader): void {
  if (reader.remaining > 0)
    throw reader.malformed('end of the envelope', `${reader.remaining} bytes are left over`)
}

export function readPositive(reader: HeaderReader, field: string): number {
  const value = reader.varint(field)
  if (value === 0) throw reader.malformed(field, 'it is 0, but counts from 1')
  return value
}

/** Reads a number that is present only if `flag` is set. */
export function readIf(reader: HeaderReader, bits: number, flag: number, field: string): number | undefined {
  return (bits & flag) === 0 ? undefined : reader.varint(field)
}

/** Returns a view, if there is a position. */
export function readPositionIf(reader: HeaderReader, bits: number): LogPosition | undefined {
  return (bits & flags.position) === 0 ? undefined : readPosition(reader)
}
