import type { EnvelopeBody } from '@frameport/protocol/envelope'

/** By the number that stands for them in messages and in the file. */
const encodings = ['none', 'codec', 'raw'] as const satisfies readonly EnvelopeBody['encoding'][]

export function encodingNumber(encoding: EnvelopeBody['encoding']): number {
  return encodings.indexOf(encoding)
}

/** @throws RangeError for a number that stands for none */
export function encodingOf(number: number): EnvelopeBody['encoding'] {
  const encoding = encodings[number]
  if (encoding === undefined) throw new RangeError(`No encoding has the number ${number}`)
  return encoding
}

/** Puts bytes one behind the other into memory of their own, which can be transferred to another thread. */
export function packBytes(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const packed = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0))
  let offset = 0
  for (const part of parts) {
    packed.set(part, offset)
    offset += part.length
  }
  return packed
}
