import { writeEnvelope } from './encode-envelope.ts'
import { type EnvelopeBody, noBytes } from './envelope-parts.ts'
import { HeaderWriter } from './header-writer.ts'
import type { CallEnvelope, ItemEnvelope, ResultEnvelope } from './session-envelopes.ts'
import { encodeUtf8Into } from './text.ts'

/** In UTF-16 units. Longer texts are encoded in a buffer of their own, so that the reused buffer stays small. */
const textLengthMax = 1024

const bytesPerUnitMax = 3

/**
 * Kind, flags, call id and sequence take at most 18; there is also room for the name of a procedure and a fingerprint,
 * but not for long metadata.
 */
const headerBytesMax = 512

/** Marks a body whose text is encoded after the header. */
export const textBody: EnvelopeBody = { encoding: 'codec', bytes: noBytes }

const memory = new Uint8Array(headerBytesMax + bytesPerUnitMax * textLengthMax)
const bodyRoom = memory.subarray(headerBytesMax)
const header = new HeaderWriter()
let isLent = false

/**
 * Creating a view costs more than encoding most texts, and answers repeat the same few lengths. The key is a number
 * made of both ends.
 */
const views = new Map<number, Uint8Array>()
const viewsMax = 256

/** Whether {@link encodeShort} may succeed for a text. */
export function isShortText(text: string): boolean {
  return text.length <= textLengthMax
}

/** The most bytes that a text takes. */
export function textBytesMax(text: string): number {
  return bytesPerUnitMax * text.length
}

/**
 * Encodes an envelope whose body is a short text, in memory that is lent to the caller until {@link giveBack}. Two
 * buffers for each answer would cost more than encoding it, and as much again when they are collected.
 *
 * @param envelope with {@link textBody}
 * @returns undefined when the text or the header is too long, and while the memory is lent: a channel that is sent on
 * may enter another session
 */
export function encodeShort(
  envelope: CallEnvelope | ResultEnvelope | ItemEnvelope,
  text: string,
): Uint8Array | undefined {
  if (isLent || !isShortText(text)) return undefined
  header.reset()
  writeEnvelope(header, envelope)
  if (header.length > headerBytesMax) return undefined
  header.copyInFrontOf(memory, headerBytesMax)
  const bodyBytes = encodeUtf8Into(text, bodyRoom)
  isLent = true
  return viewOf(headerBytesMax - header.length, headerBytesMax + bodyBytes)
}

function viewOf(begin: number, end: number): Uint8Array {
  const key = begin * (memory.length + 1) + end
  const known = views.get(key)
  if (known !== undefined) return known
  // Cheaper than finding out which of them are used: they are created again when needed.
  if (views.size >= viewsMax) views.clear()
  const view = memory.subarray(begin, end)
  views.set(key, view)
  return view
}

/** The length of the body in the result of {@link encodeShort}: all bodies begin at the same offset. */
export function shortBodyBytes(payload: Uint8Array): number {
  return payload.byteOffset + payload.length - headerBytesMax
}

export function giveBack(): void {
  isLent = false
}
