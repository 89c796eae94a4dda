import type { EnvelopeBody } from '../../envelope/envelope-parts.ts'

/** What a call costs beside its input: its state, its handler, its promises. */
const callBytes = 1024

/** Up to here what a body takes when it is decoded does not matter, and is not looked at. */
export const shortBytes = 4096

/** What V8 takes for an array or an object beside its members, and for a member. Measured with Node 20. */
const containerBytes = 40
const memberBytes = 12

const comma = 0x2c
const openArray = 0x5b
const openObject = 0x7b

/**
 * What a call with this input holds, in bytes, as an estimate. A text of brackets takes some 13 times its length when it
 * is decoded, one of letters its length.
 */
export function callSize({ encoding, bytes }: EnvelopeBody): number {
  if (encoding !== 'codec' || bytes.length <= shortBytes) return callBytes + bytes.length
  let containers = 0
  let members = 0
  for (const byte of bytes) {
    if (byte === comma) members += 1
    else if (byte === openArray || byte === openObject) containers += 1
  }
  return callBytes + bytes.length + containers * containerBytes + members * memberBytes
}
