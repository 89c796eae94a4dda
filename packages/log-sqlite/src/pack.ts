import type { EnvelopeBody } from '@frameport/protocol/envelope'

/** The encodings, in the order of their numbers in messages and in the file. */
const encodings = ['none', 'codec', 'raw'] as const satisfies readonly EnvelopeBody['encoding'][]

export function encodingNumber(encoding: EnvelopeBody['encoding']): number {
  return encodings.indexOf(encoding)
}

/** @throws RangeError for an unknown number */
export function encodingOf(number: number): EnvelopeBody['encoding'] {
  const encoding = encodings[number]
  if (encoding === undefined) throw new RangeError(`No encoding has the number ${number}`)
  return encoding
}

/** Copies bytes one after the other into a new buffer, which can be transferred to another thread. */
export function packBytes(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const packed = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0))
  let offset = 0
  for (const part of parts) {
    packed.set(part, offset)
    offset += part.length
  }
  return packed
}
