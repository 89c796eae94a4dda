import { decodeUtf8 } from './text.ts'

/** Longer names are decoded each time. */
const nameBytesMax = 127

/**
 * More names than most contracts have, and at most 10 KiB of them. Two names with the same place replace each other.
 */
const placesMax = 64

interface KnownName {
  readonly bytes: Uint8Array
  readonly text: string
}

const names: (KnownName | undefined)[] = new Array(placesMax).fill(undefined)

/**
 * Returns the name in a part of a frame. Every call repeats its names: a known name is compared instead of decoded, and
 * is the same string, whose hash maps already know.
 *
 * @throws TypeError for invalid UTF-8
 */
export function nameAt(frame: Uint8Array, from: number, length: number): string {
  if (length === 0 || length > nameBytesMax) return decodeUtf8(frame.subarray(from, from + length))
  const place = placeOf(frame, from, length)
  const known = names[place]
  if (known !== undefined && isAt(frame, from, length, known.bytes)) return known.text
  const bytes = frame.slice(from, from + length)
  const text = decodeUtf8(bytes)
  names[place] = { bytes, text }
  return text
}

/** Names differ at their ends, because they begin with the contract. */
function placeOf(frame: Uint8Array, from: number, length: number): number {
  const end = from + length
  const last = frame[end - 1] as number
  const beforeLast = length > 1 ? (frame[end - 2] as number) : 0
  return (length * 7 + last * 5 + beforeLast) % placesMax
}

function isAt(frame: Uint8Array, from: number, length: number, bytes: Uint8Array): boolean {
  if (bytes.length !== length) return false
  for (let index = 0; index < length; index += 1) if (frame[from + index] !== bytes[index]) return false
  return true
}
