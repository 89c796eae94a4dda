import { writeEnvelope } from './encode-envelope.ts'
import { type EnvelopeBody, noBytes } from './envelope-parts.ts'
import { HeaderWriter } from './header-writer.ts'
import type { CallEnvelope, ItemEnvelope, ResultEnvelope } from './session-envelopes.ts'
import { encodeUtf8Into } from './text.ts'

/** In units of UTF-16. Longer ones are encoded in memory of their own: what is used again for ever stays small. */
const textLengthMax = 1024

const bytesPerUnitMax = 3

/** Kind, flags, call id and sequence take 18 at most; the name of a procedure and a fingerprint fit beside them, long metadata do not. */
const headerBytesMax = 512

/** What stands for a body whose text is encoded behind the header. */
export const textBody: EnvelopeBody = { encoding: 'codec', bytes: noBytes }

const memory = new Uint8Array(headerBytesMax + bytesPerUnitMax * textLengthMax)
const bodyRoom = memory.subarray(headerBytesMax)
const header = new HeaderWriter()
let isLent = false

/** A view takes more than most of what is encoded, and answers have the same few lengths. By both ends, of which one number is made. */
const views = new Map<number, Uint8Array>()
const viewsMax = 256

/** Whether a text is worth a try of {@link encodeShort}. */
export function isShortText(text: string): boolean {
  return text.length <= textLengthMax
}

/** The most bytes that a text takes. */
export function textBytesMax(text: string): number {
  return bytesPerUnitMax * text.length
}

/**
 * Encodes an envelope whose body is a short text, in memory that is lent to the caller until {@link giveBack}. Two buffers for each answer would cost
 * more than encoding it, and as much again when they are collected.
 *
 * @param envelope with {@link textBody}
 * @returns undefined when the text or the header is too long, and while the memory is lent: a channel that is sent on may enter another session
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
  // Sooner than to find out which of them are used: they are made again.
  if (views.size >= viewsMax) views.clear()
  const view = memory.subarray(begin, end)
  views.set(key, view)
  return view
}

/** The length of the body of what {@link encodeShort} gave: all bodies begin in the same place. */
export function shortBodyBytes(payload: Uint8Array): number {
  return payload.byteOffset + payload.length - headerBytesMax
}

export function giveBack(): void {
  isLent = false
}
