import { FramingError } from '../framing-error.ts'
import { framingLimits } from '../limits.ts'
import { describeValue } from '../support/describe-value.ts'
import { wrongRecord } from '../support/wrong-record.ts'

/**
 * How the four bytes of a header say the length of the payload: an unsigned integer, most significant byte
 * first (`uint32be`) or last (`uint32le`), or four decimal digits (`ascii4`: `0042`).
 */
export type FrameFormat = 'uint32be' | 'uint32le' | 'ascii4'

/** Bytes of a header, the same in every format. */
export const headerBytes = 4

/** The largest length that a header of each format can say, in payload bytes. */
export const payloadBytesLargest: Readonly<Record<FrameFormat, number>> = {
  uint32be: 0xffff_ffff,
  uint32le: 0xffff_ffff,
  ascii4: 9999,
}

/** What decoder, encoder and every helper of this package take. */
export interface FrameCodecOptions {
  /** Default `uint32be`. */
  readonly format?: FrameFormat
  /**
   * The longest frame, counted as its header counts: bytes of payload, without the 4 of the header. Default
   * 1 MiB, or the largest length of the format if that is less. From 0 (only empty frames) to that largest.
   */
  readonly frameBytesMax?: number
}

/**
 * What the options say, each read once: a decoder and an encoder made of the result agree.
 *
 * @throws FramingError `INVALID_OPTION`
 */
export function checkedOptions(options: FrameCodecOptions): Required<FrameCodecOptions> {
  const format = checkedFormat(optionOf(options, 'format') ?? 'uint32be')
  return { format, frameBytesMax: checkedLimit(format, optionOf(options, 'frameBytesMax')) }
}

/**
 * @param known names of all options that `taker` takes
 * @throws FramingError `INVALID_OPTION` for an option of another name
 */
export function checkOptionNames(options: object, taker: string, known: readonly string[]): void {
  const unknown = namesOf(options).find((name) => !known.includes(name))
  if (unknown === undefined) return
  throw new FramingError(
    'INVALID_OPTION',
    `${taker} has no option ${describeValue(unknown)}: it takes ${known.join(' and ')}.`,
  )
}

/** Of what cannot be looked at there are none: who takes the options has read from them what it needs. */
function namesOf(options: object): readonly string[] {
  try {
    return Object.keys(options)
  } catch {
    return []
  }
}

/**
 * One option, without the wrong object and the failing getter that it may be behind.
 *
 * @throws FramingError `INVALID_OPTION`
 */
export function optionOf<Options extends object, Name extends keyof Options & string>(
  options: Options,
  name: Name,
): Options[Name] {
  const problem = wrongOptions(options)
  if (problem !== undefined) {
    throw new FramingError('INVALID_OPTION', `The options are ${problem}. Give them by name, or omit them.`)
  }
  try {
    return options[name]
  } catch (cause) {
    throw new FramingError('INVALID_OPTION', `The option ${name} throws when it is read.`, { cause })
  }
}

/** Every name that options of this package have. */
const optionNames = ['format', 'frameBytesMax', 'readAheadBytes']

/** A revoked Proxy throws when it is asked; reading the option then says so. */
function wrongOptions(options: object): string | undefined {
  try {
    return wrongRecord(options, optionNames)
  } catch {
    return undefined
  }
}

function checkedFormat(format: unknown): FrameFormat {
  if (typeof format === 'string' && Object.hasOwn(payloadBytesLargest, format)) return format as FrameFormat
  throw new FramingError(
    'INVALID_OPTION',
    `The frame format is ${describeValue(format)}: use uint32be, uint32le or ascii4.`,
  )
}

/** @throws FramingError `INVALID_OPTION` */
export function checkedLimit(format: FrameFormat, frameBytesMax: number | undefined): number {
  if (frameBytesMax === undefined) return Math.min(framingLimits.frameBytesMax, payloadBytesLargest[format])
  return checkedBytesMax('frameBytesMax', format, frameBytesMax)
}

/**
 * A limit of frames, by the name under which it was given.
 *
 * @throws FramingError `INVALID_OPTION`
 */
export function checkedBytesMax(name: string, format: FrameFormat, bytes: number): number {
  const largest = payloadBytesLargest[format]
  if (Number.isInteger(bytes) && bytes >= 0 && bytes <= largest) return bytes
  throw new FramingError(
    'INVALID_OPTION',
    `${name} is ${describeValue(bytes)}: with the format ${format} it must be an integer from 0 to ${largest}.`,
    typeof bytes === 'number' ? { frameBytesMax: bytes } : {},
  )
}

/** The length that four bytes at `at` announce, or -1 when they are not one (`ascii4` only). */
export function readLength(format: FrameFormat, bytes: Uint8Array, at: number): number {
  const a = bytes[at] as number
  const b = bytes[at + 1] as number
  const c = bytes[at + 2] as number
  const d = bytes[at + 3] as number
  if (format === 'uint32be') return ((a << 24) | (b << 16) | (c << 8) | d) >>> 0
  if (format === 'uint32le') return ((d << 24) | (c << 16) | (b << 8) | a) >>> 0
  if (!isDigit(a) || !isDigit(b) || !isDigit(c) || !isDigit(d)) return -1
  return (a - 0x30) * 1000 + (b - 0x30) * 100 + (c - 0x30) * 10 + (d - 0x30)
}

/** Writes the header for `length`, which the caller has checked against the format. */
export function writeLength(format: FrameFormat, target: Uint8Array, at: number, length: number): void {
  if (format === 'ascii4') {
    target[at] = 0x30 + Math.floor(length / 1000)
    target[at + 1] = 0x30 + (Math.floor(length / 100) % 10)
    target[at + 2] = 0x30 + (Math.floor(length / 10) % 10)
    target[at + 3] = 0x30 + (length % 10)
    return
  }
  const first = format === 'uint32be' ? at : at + 3
  const step = format === 'uint32be' ? 1 : -1
  target[first] = length >>> 24
  target[first + step] = length >>> 16
  target[first + 2 * step] = length >>> 8
  target[first + 3 * step] = length
}

function isDigit(byte: number): boolean {
  return byte >= 0x30 && byte <= 0x39
}
